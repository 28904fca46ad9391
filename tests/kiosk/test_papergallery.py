"""Every kind of paper in every language, printed: nothing spelled out, nothing beyond the edge, no line torn in a word."""

from pathlib import Path

import pytest

from hardware.clock import run_virtual
from hardware.printers.escpos.layout import BREAK, columns_lines, text_columns, wrap
from hardware.printers.escpos.typefaces import is_held
from hardware.printers.printer import Columns, Document, Text
from kiosk.config import KioskConfig, load_config
from kiosk.languages import TAGS
from kiosk.papergallery import print_all, samples

CONFIG = Path(__file__).parents[2] / "config"
COLUMNS = 42


@pytest.fixture(scope="module")
def config() -> KioskConfig:
    return load_config(CONFIG, CONFIG / "benches" / "virtual.toml")


def lines_of(document: Document) -> list[str]:
    lines: list[str] = []
    for item in document.items:
        if isinstance(item, Text):
            lines += wrap(item.text, COLUMNS // item.width)
        elif isinstance(item, Columns):
            lines += columns_lines(item.left, item.right, COLUMNS)
    return lines


@pytest.mark.parametrize("tag", TAGS)
def test_every_paper_comes_out_whole(config: KioskConfig, tag: str) -> None:
    papers = samples(config, tag)
    receipts = run_virtual(print_all(config, list(papers.values())))
    assert len(receipts) == len(papers)
    for name, receipt in zip(papers, receipts, strict=True):
        assert not receipt.fates.unknown, name
        assert (receipt.fates.bad_pairs, receipt.fates.missing_glyphs) == (0, 0), name
        assert "[U+" not in receipt.text
        picture = receipt.image().convert("1")
        assert picture.width == receipt.dots
        rows = [picture.crop((0, top, picture.width, top + 1)).getextrema() for top in range(picture.height)]
        inked = sum(1 for low, _ in rows if low == 0)
        assert inked > 0.25 * picture.height, f"{name}: hardly anything on it"


@pytest.mark.parametrize("tag", TAGS)
def test_every_line_fits_and_holds_only_what_a_face_can_draw(config: KioskConfig, tag: str) -> None:
    for name, document in samples(config, tag).items():
        for line in lines_of(document):
            assert text_columns(line) <= COLUMNS, f"{name}: {line}"
            assert BREAK not in line
            assert all(map(is_held, line)), f"{name}: {line}"


@pytest.mark.parametrize("tag", ["en", "ko", "vi", "ne", "my", "th"])
def test_a_line_ends_only_where_its_text_lets_it(config: KioskConfig, tag: str) -> None:
    for name, document in samples(config, tag).items():
        for item in document.items:
            if isinstance(item, Text):
                words = set(item.text.replace("\n", " ").replace(BREAK, " ").split())
                torn = [line for line in wrap(item.text, COLUMNS // item.width) if line and not _is_made_of(line, words)]
                assert torn == [], f"{name}: {item.text}"


def _is_made_of(line: str, words: set[str]) -> bool:
    """Tell whether a line begins with a whole word and ends with one."""
    return any(line.startswith(word) for word in words) and any(line.endswith(word) for word in words)


def test_the_shipped_plans_have_names_of_their_own_in_every_language(config: KioskConfig) -> None:
    for carrier in config.catalogue.carriers:
        for plan in carrier.plans:
            assert len(set(plan.name.values())) >= len(TAGS) - 1, plan.id  # both Chinese may agree
