"""The invariants that ``make fuzz`` looks for, held against what hypothesis comes up with in a second."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.codecs import CODECS


@pytest.mark.parametrize("name", CODECS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_codec_survives_any_bytes_and_reads_the_next_sound_frame(name: str, data: st.DataObject) -> None:
    codec = CODECS[name]
    pieces = st.one_of(st.binary(max_size=40), st.sampled_from(codec.sound), st.sampled_from([f[:-1] for f in codec.sound]))
    codec.survive(b"".join(data.draw(st.lists(pieces, max_size=8))))
