"""The X report (点検, a reading) and the Z report (精算, a business day closed), from the figures of the ledger's totals."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from hardware.printers.printer import Align, Blank, Columns, Document, Item, Qr, Rule, Text
from kiosk.receipts import tax
from kiosk.reports.paper import StaffPaper

_HASH_LINE = 32


def x_report(paper: StaffPaper, figures: Mapping[str, Any], of: date, read_at: datetime) -> Document:
    """Return the reading of a day that is still open."""
    items = paper.head(paper.text("title.x"), "", read_at, 0)
    items += [Columns(paper.text("business_date"), paper.language.date(of.isoformat())), Rule()]
    items += _figures(paper, figures)
    return paper.document([*items, Text(paper.text("x_changes_nothing"), Align.CENTER)])


def z_report(paper: StaffPaper, figures: Mapping[str, Any], closed_at: datetime, head: str, copy: int) -> Document:
    """Return the report of a closed day. ``head`` is the journal's end at its Z row: proof that nothing was rewritten later."""
    items = paper.head(paper.text("title.z"), f"{figures['number']:04d}", closed_at, copy)
    opened = datetime.fromisoformat(figures["opened"])
    items += [
        Columns(paper.text("business_date"), paper.language.date(figures["date"]), bold=True),
        Columns(paper.text("opened"), paper.when(opened)),
        Columns(paper.text("closed"), paper.when(closed_at)),
        Columns(paper.text("by"), figures["by"] or paper.text("automatic")),
        Rule(),
    ]
    items += _figures(paper, figures)
    seq, _, digits = head.partition(":")
    items += [Text(paper.text("head", row=f"{int(seq):,}"))]
    items += [Text(digits[n : n + _HASH_LINE], Align.CENTER) for n in range(0, len(digits), _HASH_LINE)]
    return paper.document([*items, Blank(), Qr(head, module_dots=4)])


def _figures(paper: StaffPaper, figures: Mapping[str, Any]) -> list[Item]:
    return [
        *_sales(paper, figures["sales"], figures["visits"]),
        Rule(),
        *_money(paper, figures),
        Rule(),
        *_open(paper, figures),
        Rule(),
        *_places(paper, figures["places"]),
        Rule(),
        Columns(paper.text("grand_total"), paper.yen(figures["grand_total_yen"]), bold=True),
        Columns(paper.text("grand_count"), paper.text("times", count=figures["grand_count"])),
        Rule(),
    ]


def _sales(paper: StaffPaper, sales: Sequence[Mapping[str, Any]], visits: int) -> list[Item]:
    items: list[Item] = []
    for carrier in dict.fromkeys(line["carrier"] for line in sales):
        lines = [line for line in sales if line["carrier"] == carrier]
        subtotal = sum(line["yen"] for line in lines)
        items.append(Columns(paper.carrier(carrier), paper.yen(subtotal), bold=True))
        for line in lines:
            figures = f"{paper.text('times', count=line['count'])} {paper.yen(line['yen'])}"
            items.append(Columns(f"  {line['name']}", figures))
    count, total = sum(line["count"] for line in sales), sum(line["yen"] for line in sales)
    items += [Blank(), Columns(paper.text("sales"), paper.yen(total), bold=True, height=2)]
    items += [Columns(paper.text("sales_count"), paper.text("times", count=count))]
    for part in tax.totals([(line["tax"], line["yen"]) for line in sales]):
        items.append(Columns(f"  {paper.language.text(part.line)}", paper.yen(part.total_yen)))
        if part.tax_yen is not None:
            items.append(Columns(f"  {paper.text('tax_inside')}", paper.yen(part.tax_yen)))
    return [*items, Columns(paper.text("visits"), paper.text("times", count=visits))]


def _money(paper: StaffPaper, figures: Mapping[str, Any]) -> list[Item]:
    items: list[Item] = [
        Columns(paper.text("cash_in"), paper.yen(figures["cash_in"])),
        Columns(paper.text("change"), paper.yen(figures["change"])),
    ]
    return items + paper.amounts(
        ("given_back", figures["given_back"]),
        ("card", figures["card"]),
        ("owed_issued", figures["owed_issued"]),
        ("owed_paid", figures["owed_paid"]),
        ("owed_found", figures["owed_found"]),
        ("forgotten", figures["forgotten"]),
        ("short" if figures["over_short"] > 0 else "over", abs(figures["over_short"])),
    )


def _open(paper: StaffPaper, figures: Mapping[str, Any]) -> list[Item]:
    """What the shop still has to see to, at the end of the day."""
    investigated = f"{paper.text('times', count=figures['investigations'])} {paper.yen(figures['investigated'])}"
    return [
        Columns(paper.text("owed"), paper.yen(figures["owed"])),
        Columns(paper.text("investigated"), investigated),
        Columns(paper.text("unaccounted"), paper.yen(figures["unaccounted"])),
    ]


def _places(paper: StaffPaper, places: Mapping[str, Mapping[str, int]]) -> list[Item]:
    """Every place, piece by piece: what is there now, and below it how that came about."""
    items: list[Item] = []
    for name in dict.fromkeys(place.rpartition(":")[0] for place in places):
        here = {int(place.rpartition(":")[2]): columns for place, columns in places.items() if place.rpartition(":")[0] == name}
        total = sum(columns["now"] for columns in here.values())
        items.append(Columns(paper.place(f"{name}:1"), paper.yen(total), bold=True))
        for yen, columns in sorted(here.items(), reverse=True):
            pieces = paper.text("pieces", count=columns["now"] // yen)
            items.append(Columns(f"  {paper.yen(yen)} x {pieces}", paper.yen(columns["now"])))
            moved = [
                f"{paper.text(f'column.{column}')}{columns[column] // yen:+d}"
                for column in ("in", "out", "filled", "collected", "moved", "adjusted")
                if columns[column]
            ]
            if moved:
                opening = f"{paper.text('column.opening')}{columns['opening'] // yen}"
                items.append(Text("    " + " ".join([opening, *moved])))
    total = sum(columns["now"] for columns in places.values())
    return [*items, Blank(), Columns(paper.text("cash_total"), paper.yen(total), bold=True, height=2)]
