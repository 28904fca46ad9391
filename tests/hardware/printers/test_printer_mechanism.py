"""Paper, head, blade and cover, without any protocol."""

import pytest

from hardware.printers.mechanism import PrinterMechanism
from hardware.printers.paper import Cut, Feed, Geometry, Mark, Piece, Retract, Strip

GEOMETRY = Geometry(dpi=180, speed_mm_s=25.4, cutter_gap_mm=12.7, cut_s=0.5)
"""180 rows a second, 90 rows from head to blade: sums in the head."""


def machine(paper_mm: float = 25_400.0, near_end_mm: float = 254.0) -> PrinterMechanism:
    return PrinterMechanism(GEOMETRY, paper_mm, near_end_mm)


def pieces(m: PrinterMechanism) -> list[Piece]:
    return [o.piece for o in m.take_occurrences() if o.piece is not None]


def test_paper_moves_at_its_speed():
    m = machine()
    m.add(Feed(180), 10.0)
    m.add(Feed(90), 10.0)
    m.advance(11.25)
    assert m.head_row == 180  # the second motion is written down when it ends or when a hand stops it
    m.advance(11.5)
    assert m.head_row == 270
    assert m.idle


def test_a_mark_is_reached_when_everything_before_it_is_done():
    m, reached = machine(), []
    for motion in (Feed(180), Cut(partial=True), Mark(reached.append)):
        m.add(motion, 1.0)
    assert m.due_s() == pytest.approx(2.5)
    m.advance(2.49)
    assert reached == []
    m.advance(99.0)
    assert reached == [pytest.approx(2.5)]


def test_a_cut_takes_off_what_has_passed_the_blade():
    m = machine()
    m.add(Feed(100, "ink"), 0.0)
    m.add(Cut(partial=False, note="account"), 0.0)
    m.advance(5.0)
    [piece] = pieces(m)
    assert piece == Piece(-90, 100, (Strip(0, 0, 10, "ink"),), "cut", "account")
    m.add(Feed(90), 5.0)
    m.add(Cut(partial=True), 5.0)
    m.advance(10.0)
    [rest] = pieces(m)
    assert rest.strips == (Strip(10, 10, 90, "ink"),)


def test_cutting_twice_in_one_place_takes_off_nothing():
    m = machine()
    for motion in (Feed(100), Cut(partial=False), Cut(partial=False)):
        m.add(motion, 0.0)
    m.advance(9.0)
    assert len(pieces(m)) == 1


def test_paper_pulled_back_is_fed_again():
    m = machine()
    for motion in (Feed(90), Cut(partial=False), Retract(90), Feed(10, "ink")):
        m.add(motion, 0.0)
    m.advance(9.0)
    assert m.head_row == 10
    assert m.receipt_row == 10


def test_the_open_cover_stops_the_head_at_its_row_and_closing_goes_on():
    m = machine()
    m.add(Feed(180, "ink"), 0.0)
    m.open_cover(0.25)
    assert m.head_row == 45
    assert m.due_s() is None
    m.advance(9.0)
    m.close_cover(10.0)
    assert m.due_s() == pytest.approx(10.75)
    m.add(Feed(90), 10.1)
    m.add(Cut(partial=False), 10.1)
    m.advance(20.0)
    assert pieces(m)[0].strips == (Strip(0, 0, 180, "ink"),)


def test_sensors_trip_at_their_rows():
    m = machine(paper_mm=50.8, near_end_mm=25.4)
    m.add(Feed(400), 0.0)
    m.advance(9.0)
    assert [(o.name, round(o.t, 6)) for o in m.take_occurrences()] == [("paper_low", 1.0), ("paper_out", 2.0)]
    assert m.head_row == 400


def test_a_line_longer_than_the_paper_past_the_sensor_stops_in_the_middle():
    m = machine(paper_mm=25.4)
    m.add(Feed(1000), 0.0)
    m.advance(99.0)
    assert m.head_row == 180 + GEOMETRY.rows(10.0)


def test_no_line_begins_when_paper_is_out():
    m = machine(paper_mm=25.4)
    m.add(Feed(180), 0.0)
    m.add(Feed(30), 0.0)
    m.advance(99.0)
    assert m.head_row == 180
    m.load_paper(1000.0, 100.0)
    m.advance(101.0)
    assert m.idle


def test_a_new_roll_takes_the_half_receipt_away():
    m = machine()
    m.add(Feed(60, "ink"), 0.0)
    m.load_paper(25_400.0, 0.25)
    [piece] = pieces(m)
    assert (piece.how, piece.strips) == ("replaced", (Strip(0, 0, 45, "ink"),))
    m.add(Feed(100), 0.5)
    m.add(Cut(partial=False), 0.5)
    m.advance(9.0)
    assert pieces(m)[0].strips == (Strip(45, 45, 15, "ink"),)


def test_a_new_roll_in_an_empty_printer_takes_nothing_away():
    m = machine()
    m.load_paper(25_400.0, 0.0)
    assert [o.name for o in m.take_occurrences()] == ["paper_loaded"]


def test_a_blocked_cutter_errs_when_it_moves_and_keeps_its_cut():
    m = machine()
    m.cutter_blocked = True
    m.add(Feed(100), 0.0)
    m.add(Cut(partial=False), 0.0)
    m.advance(9.0)
    assert m.cutter_error
    assert pieces(m) == []
    m.cutter_blocked = False
    m.recover_cutter(10.0)
    m.advance(11.0)
    assert len(pieces(m)) == 1


def test_power_off_loses_the_queue_and_keeps_the_dots():
    m = machine()
    m.add(Feed(180, "ink"), 0.0)
    m.power_off(0.5)
    m.power_on(1.0)
    m.advance(9.0)
    assert (m.head_row, m.idle, m.backlog_rows) == (90, True, 0)


def test_something_scripted_happens_at_its_row_of_the_receipt():
    m, acted = machine(), []
    m.add(Feed(50), 0.0)
    m.advance(1.0)
    m.at_receipt_row(140, acted.append)
    m.add(Feed(180), 1.0)
    m.advance(9.0)
    assert acted == [pytest.approx(1.5)]


def test_stopping_often_never_loses_or_invents_a_row():
    m = machine()
    m.add(Feed(1800, "ink"), 0.0)
    t = 0.0
    while not m.idle:
        t += 0.0737
        m.open_cover(t)
        m.close_cover(t)
        m.advance(t)
    m.add(Feed(90), t)
    m.add(Cut(partial=False), t)
    m.advance(t + 9.0)
    assert pieces(m)[0].strips == (Strip(0, 0, 1800, "ink"),)


def test_a_reserved_cut_is_lost_with_the_queue_and_a_scripted_event_is_not():
    m, acted = machine(), []
    m.cut_when_reached(0, Cut(partial=True))
    m.at_receipt_row(50, acted.append)
    m.clear(0.0)
    m.add(Feed(200), 0.0)
    m.advance(9.0)
    assert pieces(m) == []
    assert len(acted) == 1
