"""The assertions on paper: each holds for what is there and shows the paper for what is not."""

from collections.abc import Callable

import pytest

from hardware.testing.printed import Printed, printed
from tests.hardware.printers.escpos_bench import CUT, PREAMBLE, Bench, stored_qr


def paper(data: bytes = b"") -> Printed:
    text = "領収書\n合計   ￥3,000\nお釣り  ￥0\nABCD".encode("cp932") + b"\n"
    return printed(Bench().send(PREAMBLE + text + stored_qr(b"T-0042") + data + CUT).wait(8.0).printer)


def test_what_stands_on_the_paper_can_be_said():
    page = paper()
    page.has_text("領収書").has_text("合計 ￥3,000").lacks_text("再発行").in_order("領収書", "合計", "ABCD").has_qr("T-0042")
    page.nothing_lost().is_at(None).inside(0, 512).ends_with("[QR T-0042]")
    assert page.run("ABCD").run.encoding == "page 1"


@pytest.mark.parametrize(
    ("judge", "why"),
    [
        (lambda page: page.has_text("再発行"), "does not say '再発行'"),
        (lambda page: page.lacks_text("AB CD"), "says 'AB CD'"),
        (lambda page: page.in_order("ABCD", "領収書"), "does not say '領収書' after"),
        (lambda page: page.has_qr("T-0043"), "holds no QRCode that says 'T-0043'"),
        (lambda page: page.has_no_symbol(), "holds"),
        (lambda page: page.ends_with("ABCD"), "ends with"),
        (lambda page: page.is_at("taken"), "is at None"),
        (lambda page: page.inside(0, 100), "has ink from"),
        (lambda page: page.run("ZZ"), "has no run"),
    ],
)
def test_what_does_not_hold_fails_with_the_paper_in_sight(judge: Callable[[Printed], object], why: str):
    with pytest.raises(AssertionError) as failure:
        judge(paper())
    assert why in str(failure.value)
    assert "| 領収書" in str(failure.value)


def test_a_lost_byte_is_told():
    with pytest.raises(AssertionError, match=r"unknown: \{'ESC 9A': 1\}"):
        paper(b"\x1b\x9a").nothing_lost()


def test_no_receipt_is_a_failure_of_its_own():
    with pytest.raises(AssertionError, match="no receipt came out"):
        printed(Bench().printer)
