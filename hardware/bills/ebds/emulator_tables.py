"""What an emulated EBDS unit is made of, as tables: its notes with their records, and what it answers about itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from hardware.bills.ebds.extended import Item, NoteRecord
from hardware.bills.ebds.standard import NOTE_TYPES
from hardware.configfile import ConfigFile

HIGHEST_INDEX = 50
"""Hosts ask for the records 1 to 50, until a null record."""

TEXT_LENGTHS: Mapping[Item, int] = {
    Item.TYPE: 20,
    Item.SERIAL: 20,
    Item.BOOT_VERSION: 9,
    Item.APPLICATION: 9,
    Item.VARIANT_NAME: 32,
    Item.VARIANT_VERSION: 9,
    Item.APPLICATION_ID: 9,
    Item.VARIANT_ID: 9,
}
"""How long the answers are that are texts: part numbers and the variant's name [1], type and serial number [U]. Shorter texts
are filled up with zero bytes [U]."""


@dataclass(frozen=True)
class TableNote:
    """One row of the unit's table."""

    index: int
    """1..50: how records are asked for, and its bit in the inhibits."""
    number: int
    """1..7: its bit in the orders and its value without extended notes; 0: it has none."""
    record: NoteRecord
    yen: int


def table_notes(file: ConfigFile) -> list[TableNote]:
    """Return the rows of ``[[notes]]`` in order of their index. Raises ConfigError."""
    rows: dict[int, TableNote] = {}
    numbers: dict[int, int] = {}
    for note in file.tables("notes"):
        note.only("index", "number", "iso", "base", "exponent", "type", "series", "compatibility", "version", "class")
        index, number = note.whole("index", low=1, high=HIGHEST_INDEX), note.whole("number", 0, high=NOTE_TYPES)
        record = NoteRecord(
            iso=_triple(note, "iso"),
            base=_triple(note, "base"),
            exponent=_triple(note, "exponent"),
            type=_letter(note, "type"),
            series=_letter(note, "series"),
            compatibility=_letter(note, "compatibility"),
            version=_letter(note, "version"),
            banknote_class=note.whole("class", 0, high=0x7F),
        )
        yen = record.amount
        if not yen or record.iso != "JPY":
            raise note.wrong("base", "digits that make a whole value in JPY with the exponent")
        if index in rows:
            raise note.wrong("index", "an index that no other note has")
        if number and numbers.setdefault(number, yen) != yen:
            raise note.wrong("number", "one value for each number")
        rows[index] = TableNote(index, number, record, yen)
    return [rows[index] for index in sorted(rows)]


def _triple(note: ConfigFile, key: str) -> str:
    text = note.text(key)
    if len(text) != 3 or not text.isascii():
        raise note.wrong(key, "three ASCII characters")
    return text


def _letter(note: ConfigFile, key: str) -> int:
    text = note.text(key, "A")
    if len(text) != 1 or not text.isascii():
        raise note.wrong(key, "one ASCII character")
    return ord(text)


def identity_answers(identity: ConfigFile) -> dict[int, bytes]:
    """Return the answers that never change, by item. Raises ConfigError for a text that is too long for its answer."""
    answers: dict[int, bytes] = {}
    for item, length in TEXT_LENGTHS.items():
        key = item.name.lower()
        text = identity.text(key)
        if not text.isascii() or len(text) > length:
            raise identity.wrong(key, f"at most {length} ASCII characters")
        answers[item] = text.encode("ascii").ljust(length, b"\0")
    answers[Item.SOFTWARE_CRC] = nibbles(identity.whole("software_crc", high=0xFFFF), 4) + bytes(2)
    capabilities = identity.whole("capabilities", high=0x7F)
    if capabilities:
        answers[Item.CAPABILITIES] = bytes((capabilities, 0, 0, 0, 0, 0))
    return answers


def nibbles(number: int, digits: int) -> bytes:
    """Return the lowest ``digits`` times four bits of ``number``, four in each byte, highest first [1]."""
    return bytes(number >> 4 * place & 0x0F for place in reversed(range(digits)))
