"""Page mode, turned print, and images that the printer keeps: what stands where on the paper."""

import pytest
from PIL import Image

from hardware.printers.escpos.page import Receipt
from tests.hardware.printers.escpos_bench import CUT, PREAMBLE, Bench

TOP = 106
"""White rows before anything printed: the gap from head to blade."""


def printed(data: bytes) -> Receipt:
    bench = Bench().send(PREAMBLE + data + CUT).wait(15.0)
    [receipt] = bench.printer.receipts
    assert receipt.fates.ignored == {}
    assert receipt.fates.unknown == {}
    return receipt


def area(x: int, y: int, width: int, height: int) -> bytes:
    """``ESC W`` in dots of a 180 dpi head: 1/180 inch across, 1/360 along."""
    return b"\x1bW" + b"".join(n.to_bytes(2, "little") for n in (x, 2 * y, width, 2 * height))


def places(receipt: Receipt) -> list[tuple[str, int, int]]:
    return [(run.run.text, run.x, run.y - TOP) for run in receipt.runs]


def test_two_areas_stand_side_by_side_on_one_page():
    receipt = printed(b"\x1bL" + area(0, 0, 200, 100) + b"left\nagain" + area(300, 50, 200, 100) + b"right\n\x0cafter\n")
    assert places(receipt) == [("left", 0, 0), ("again", 0, 30), ("right", 300, 50), ("after", 0, 150)]


@pytest.mark.parametrize(
    ("direction", "x", "y"), [(0, 10, 20), (1, 10, 20 + 200 - 24), (2, 10 + 300 - 24, 20 + 200 - 24), (3, 10 + 300 - 24, 20)]
)
def test_a_direction_decides_the_corner_where_the_text_begins(direction: int, x: int, y: int):
    receipt = printed(b"\x1bL" + area(10, 20, 300, 200) + b"\x1bT" + bytes((direction,)) + b"AB\n\x0c")
    assert places(receipt) == [("AB", x, y)]


def test_text_from_top_to_bottom_is_the_same_dots_a_quarter_turn_clockwise():
    straight = printed(b"Ab3\n").image().crop((0, TOP, 36, TOP + 24))
    turned = printed(b"\x1bL" + area(0, 0, 24, 200) + b"\x1bT\x03Ab3\n\x0c").image().crop((0, TOP, 24, TOP + 36))
    assert turned.tobytes() == straight.transpose(Image.Transpose.ROTATE_270).tobytes()


def test_a_page_can_be_printed_twice_and_cleared():
    page = b"\x1bL" + area(0, 0, 512, 60)
    assert places(printed(page + b"twice\n\x1b\x0c\x0c")) == [("twice", 0, 0), ("twice", 0, 60)]
    assert places(printed(page + b"gone\n\x18stays\n\x0c")) == [("stays", 0, 0)]
    assert places(printed(page + b"gone\n\x1bSafter\n")) == [("after", 0, 0)]


def test_places_on_a_page_are_set_and_moved():
    receipt = printed(b"\x1bL" + area(0, 0, 512, 300) + b"\x1d$\xc8\x00A\n\x1d\\\xec\xffB\n\x0c")
    assert places(receipt) == [("A", 0, 100), ("B", 0, 120)]


def test_what_does_not_fit_the_area_is_lost_and_the_page_ends_with_it():
    receipt = printed(b"\x1bL" + area(0, 0, 512, 60) + b"1\n2\n3\n4\n\x0cafter\n")
    assert places(receipt) == [("1", 0, 0), ("2", 0, 30), ("after", 0, 60)]


def test_initialise_leaves_page_mode():
    assert places(printed(b"\x1bLnever\n\x1b@after\n")) == [("after", 0, 0)]


def test_upside_down_is_the_line_turned_about_the_middle():
    straight = printed(b"Ab\n").image().crop((0, TOP, 512, TOP + 24))
    turned = printed(b"\x1b{\x01Ab\n").image().crop((0, TOP, 512, TOP + 24))
    assert turned.tobytes() == straight.rotate(180).tobytes()


def test_quarter_turned_characters_take_as_many_dots_as_they_are_high():
    receipt = printed(b"\x1bV\x01Ab\x1bV\x00c\n")
    assert places(receipt) == [("A", 0, 12), ("b", 24, 12), ("c", 48, 0)]


COLUMN = bytes((0x80, 0, 0, 0, 0, 0, 0, 0x01))
"""Eight columns of one byte: the upper left dot and the lower right one."""


@pytest.mark.parametrize(
    "stored",
    [
        b"\x1d*\x01\x01" + COLUMN + b"\x1d/\x00",
        b"\x1cq\x01\x01\x00\x01\x00" + COLUMN + b"\x1cp\x01\x00",
        b"\x1d(L\x13\x000C0AB\x01\x08\x00\x08\x001\x80\0\0\0\0\0\0\x01" + b"\x1d(L\x06\x000EAB\x01\x01",
        b"\x1d(L\x12\x000q0\x01\x01\x31\x08\x00\x08\x00" + COLUMN + b"\x1d(L\x02\x0002",
    ],
    ids=["GS *", "FS q", "GS ( L by key", "GS ( L columns"],
)
def test_a_stored_image_is_printed_dot_for_dot(stored: bytes):
    image = printed(stored).image()
    black = [(x, y - TOP) for y in range(TOP, TOP + 8) for x in range(8) if image.getpixel((x, y)) == 0]
    assert black == [(0, 0), (7, 7)]


def test_nv_images_live_through_power_off_and_downloaded_ones_do_not():
    bench = Bench().send(b"\x1cq\x01\x01\x00\x01\x00" + COLUMN + b"\x1d*\x01\x01" + COLUMN).wait(0.5)
    bench.hand("power off")
    bench.hand("power on")
    bench.wait(2.0).send(b"\x1cp\x01\x00\x1d/\x00" + CUT).wait(3.0)
    [receipt] = bench.printer.receipts
    assert receipt.text == "[image 8x8]"
    assert receipt.fates.ignored == {"GS /": 1}


def test_capacity_is_answered():
    bench = Bench()
    assert bench.ask(b"\x1d(L\x02\x0000") == b"\x370262144\x00"
    bench.send(b"\x1d(L\x13\x000C0AB\x01\x08\x00\x08\x001\x80\0\0\0\0\0\0\x01").wait(0.1)
    assert bench.ask(b"\x1d(L\x02\x0000") == b"\x370262136\x00"
    assert bench.ask(b"\x1d(L\x04\x000@KC") == b"\x37rAB\x00"
