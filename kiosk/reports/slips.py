"""The slips that go with money that staff move: into the armoured bag, into a hopper, out of the shop's till."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hardware.printers.printer import Blank, Columns, Document, Item, Rule, Text
from kiosk.reports.paper import StaffPaper


def collection_slip(paper: StaffPaper, bodies: Sequence[Mapping[str, Any]], at: datetime, copy: int) -> Document:
    """Return the slip of one collection: what was counted, and where the books differ. ``bodies`` are its rows."""
    first = bodies[0]
    items = paper.head(paper.text("title.collection"), f"{first['number']:05d}", at, copy)
    counted = 0
    for body in bodies:
        counted += body["yen"] * body["found"]
        items += _pieces(paper, body["place"], body["yen"], body["found"])
        if not body["partial"] and body["booked"] != body["found"]:
            difference = body["found"] - body["booked"]
            books = paper.text("pieces", count=body["booked"])
            items.append(Columns(f"    {paper.text('books')} {books}", f"{paper.text('column.adjusted')}{difference:+d}"))
    items += [Rule(), Columns(paper.text("counted"), paper.yen(counted), bold=True, height=2)]
    difference_yen = sum(body["yen"] * (body["found"] - body["booked"]) for body in bodies if not body["partial"])
    items += paper.amounts(("over", difference_yen) if difference_yen > 0 else ("short", -difference_yen))
    if any(body["partial"] for body in bodies):
        items.append(Text(paper.text("partial")))
    return paper.document([*items, Rule(), Columns(paper.text("seal"), first["seal"]), *_signed(paper, first["by"])])


def filling_slip(paper: StaffPaper, body: Mapping[str, Any], at: datetime, copy: int) -> Document:
    """Return the slip of the shop's own money put into a device."""
    items = paper.head(paper.text("title.filling"), f"{body['number']:05d}", at, copy)
    for yen, count in body["pieces"]:
        items += _pieces(paper, f"FLOAT:{body['device']}:{yen}", yen, count)
    total = sum(yen * count for yen, count in body["pieces"])
    items += [Rule(), Columns(paper.text("filled"), paper.yen(total), bold=True, height=2), Rule()]
    return paper.document([*items, *_signed(paper, body["by"])])


def claim_slip(paper: StaffPaper, body: Mapping[str, Any], at: datetime, copy: int) -> Document:
    """Return the slip of a customer's claim paid out of the shop's till; the customer signs it."""
    items = paper.head(paper.text("title.claim"), body["claim"], at, copy)
    items += [Columns(paper.text("claim_paid"), paper.yen(body["yen"]), bold=True, height=2), Rule()]
    return paper.document([*items, Text(paper.text("received")), Blank(2), Rule(), *_signed(paper, body["by"])])


def _pieces(paper: StaffPaper, place: str, yen: int, count: int) -> list[Item]:
    pieces = f"{paper.yen(yen)} x {paper.text('pieces', count=count)}"
    return [Columns(f"{paper.place(place)} {pieces}", paper.yen(yen * count))]


def _signed(paper: StaffPaper, by: Sequence[str]) -> list[Item]:
    """A line for each person's signature, with the name that the kiosk knows by a PIN."""
    items: list[Item] = []
    for key, name in zip(("by", "witness"), by, strict=False):
        items += [Columns(paper.text(key), name), Blank()]
    return items
