"""What a test says about paper: assertions on a receipt that an emulated printer cut off, each failing with what stands on it.

::

    printed(emulator).has_text("領収書").has_qr("T-0042").in_order("合計", "お釣り").nothing_lost()
    printed(emulator, 0).lacks_text("1234 5678").ends_with("ありがとうございました")

Text is what the printer set, position and all; symbols are read back from the dots, as a scanner would.
"""

import re
from typing import NoReturn, Self

from hardware.printers.escpos.emulator import EscposEmulator
from hardware.printers.escpos.page import Receipt, Run

_BLANKS = re.compile(r"[ \u3000]+")


def printed(what: EscposEmulator | Receipt, which: int = -1) -> "Printed":
    """Return a receipt to be judged: ``what`` itself, or one of those that a printer cut off (the last). AssertionError when
    there is none.
    """
    if isinstance(what, Receipt):
        return Printed(what)
    if not what.receipts:
        raise AssertionError("no receipt came out")
    if not -len(what.receipts) <= which < len(what.receipts):
        raise AssertionError(f"{len(what.receipts)} receipts came out, and none is number {which}")
    return Printed(what.receipts[which])


class Printed:
    """Judgements of one receipt. Each returns itself, or raises AssertionError showing the paper."""

    def __init__(self, receipt: Receipt) -> None:
        self.receipt = receipt

    def has_text(self, text: str) -> Self:
        """``text`` stands on one line, its blanks taken as one."""
        wanted = _BLANKS.sub(" ", text)
        if not any(wanted in line for line in self.lines()):
            self._fail(f"does not say {text!r}")
        return self

    def lacks_text(self, text: str) -> Self:
        """``text`` stands nowhere, not even over a line's end or with blanks in it."""
        if _BLANKS.sub("", text) in _BLANKS.sub("", self.receipt.text.replace("\n", "")):
            self._fail(f"says {text!r}")
        return self

    def in_order(self, *texts: str) -> Self:
        """Each of ``texts`` stands below, or behind, the one before it."""
        at, whole = 0, "\n".join(self.lines())
        for text in texts:
            found = whole.find(_BLANKS.sub(" ", text), at)
            if found < 0:
                self._fail(f"does not say {text!r} after what comes before it in {texts}")
            at = found + len(text)
        return self

    def ends_with(self, text: str) -> Self:
        """The last line of text is ``text``."""
        last = next((line for line in reversed(self.lines()) if line), "")
        if last != _BLANKS.sub(" ", text):
            self._fail(f"ends with {last!r}, not with {text!r}")
        return self

    def has_qr(self, content: str) -> Self:
        """A QR symbol is read from the dots and says ``content``."""
        return self.has_symbol("QRCode", content)

    def has_symbol(self, symbology: str, content: str) -> Self:
        """A symbol of a kind (``Code128``, ``EAN13``, ``PDF417``) is read from the dots and says ``content``."""
        found = self.receipt.decoded()
        if (symbology, content) not in found:
            self._fail(f"holds no {symbology} that says {content!r}; read from its dots: {list(found)}")
        return self

    def has_no_symbol(self) -> Self:
        """No symbol can be read."""
        if found := self.receipt.decoded():
            self._fail(f"holds {list(found)}")
        return self

    def nothing_lost(self) -> Self:
        """No byte of it was unknown, ignored or dropped, no pair bad, and no character missing in the ROM."""
        fates = self.receipt.fates
        lost = {
            "unknown": dict(fates.unknown),
            "ignored": dict(fates.ignored),
            "bad pairs": fates.bad_pairs,
            "missing glyphs": fates.missing_glyphs,
            "dropped bytes": fates.dropped,
        }
        if any(lost.values()):
            self._fail("lost " + ", ".join(f"{name}: {value}" for name, value in lost.items() if value))
        return self

    def is_at(self, place: str | None) -> Self:
        """It is where the presenter has it: ``mouth``, ``taken``, ``retracted`` ...; None: free, without one."""
        if self.receipt.place != place:
            self._fail(f"is at {self.receipt.place!r}, not at {place!r}")
        return self

    def run(self, text: str) -> Run:
        """Return the first run that holds ``text``: its place in dots, style, bytes and encoding."""
        found = next((run for run in self.receipt.runs if text in run.run.text), None)
        return found if found is not None else self._fail(f"has no run with {text!r}")

    def inside(self, left: int, right: int) -> Self:
        """Every ink dot lies between two columns of dots, ``right`` not included."""
        box = self.receipt.image().convert("L").point(lambda level: 255 - level).getbbox()
        if box is not None and (box[0] < left or box[2] > right):
            self._fail(f"has ink from {box[0]} to {box[2]}, not within {left} to {right}")
        return self

    def lines(self) -> list[str]:
        """Return its lines of text, blanks taken as one."""
        return [_BLANKS.sub(" ", line).strip() for line in self.receipt.text.split("\n")]

    def _fail(self, why: str) -> NoReturn:
        receipt = self.receipt
        paper = "\n".join(f"  | {line}" for line in receipt.text.split("\n"))
        raise AssertionError(f"the receipt ({receipt.length_mm:.0f} mm, {receipt.piece.how}) {why}:\n{paper}")
