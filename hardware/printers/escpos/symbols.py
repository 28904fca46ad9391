"""Two-dimensional and bar code symbols as dots: QR model 2 through segno, CODE128 from its table (ISO/IEC 15417)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import segno
from PIL import Image
from segno import consts

QR_LEVELS: Final = {48: "L", 49: "M", 50: "Q", 51: "H"}
"""Operand of ``GS ( k`` function 69."""
_LEVEL_KEYS: Final = {
    "L": consts.ERROR_LEVEL_L,
    "M": consts.ERROR_LEVEL_M,
    "Q": consts.ERROR_LEVEL_Q,
    "H": consts.ERROR_LEVEL_H,
}
_ALPHANUMERIC: Final = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
_CODE128: Final = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221223211221132"
    "221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321112313132113132311211313"
    "231113231311112133112331132131113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111"
    "314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111"
    "111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113114311411113411311113141"
    "114131311141411131211412211214211232"
)
_STOP: Final = "2331112"
_START: Final = {"A": 103, "B": 104, "C": 105}
_SWITCH: Final = {"A": 101, "B": 100, "C": 99}


def qr_modules(data: bytes, level: str) -> int | None:
    """Return modules along one side of the symbol for ``data``, or None when none is large enough.

    Counted from the capacity table, so that laying out a line costs no encoding.
    """
    mode = _qr_mode(data)
    if mode == "numeric":
        count_bits, payload = (10, 12, 14), (10 * len(data) + 2) // 3
    elif mode == "alphanumeric":
        count_bits, payload = (9, 11, 13), 11 * (len(data) // 2) + 6 * (len(data) % 2)
    else:
        count_bits, payload = (8, 16, 16), 8 * len(data)
    capacity: Mapping[int, Any] = consts.SYMBOL_CAPACITY
    for version in range(1, 41):
        need = 4 + count_bits[(version > 9) + (version > 26)] + payload
        if need <= capacity[version][_LEVEL_KEYS[level]]:
            return 17 + 4 * version
    return None


@lru_cache(maxsize=64)
def qr_image(data: bytes, level: str, module_dots: int) -> Image.Image:
    """Return the symbol without a quiet zone (the printer adds none): mode ``1``, ink is 1."""
    symbol = segno.make(data, mode=_qr_mode(data), error=level, micro=False, boost_error=False)
    rows = [bytes(row) for row in symbol.matrix]
    image = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows)).point(lambda dot: 255 * dot, mode="1")
    return image.resize((len(rows) * module_dots, len(rows) * module_dots), Image.Resampling.NEAREST)


def _qr_mode(data: bytes) -> str:
    # Bytes that happen to look like Shift_JIS stay bytes, as the printer's own encoder keeps them.
    if data.isdigit():
        return "numeric"
    return "alphanumeric" if _ALPHANUMERIC.issuperset(data) else "byte"


def code128_values(data: bytes) -> list[int] | None:
    """Return the symbol values, check value included, of ``GS k 73`` data, or None when it breaks the rules.

    Data begins with ``{A``, ``{B`` or ``{C``; ``{1`` is FNC1, ``{{`` a brace; in set C each byte 0-99 is a pair of digits [D].
    """
    if len(data) < 3 or data[0] != 0x7B or chr(data[1]) not in _START:
        return None
    code_set = chr(data[1])
    values = [_START[code_set]]
    at = 2
    while at < len(data):
        byte = data[at]
        at += 1
        if byte == 0x7B and at < len(data):
            letter = chr(data[at])
            at += 1
            if letter in _SWITCH:
                code_set = letter
                values.append(_SWITCH[letter])
                continue
            if letter == "1":
                values.append(102)
                continue
            if letter != "{":
                return None
        value = _code128_value(byte, code_set)
        if value is None:
            return None
        values.append(value)
    check = (values[0] + sum(i * value for i, value in enumerate(values))) % 103
    return [*values, check]


def _code128_value(byte: int, code_set: str) -> int | None:
    if code_set == "C":
        return byte if byte < 100 else None
    if 0x20 <= byte < 0x60:
        return byte - 0x20
    if code_set == "A":
        return byte + 0x40 if byte < 0x20 else None
    return byte - 0x20 if 0x60 <= byte < 0x80 else None


def code128_bars(values: list[int]) -> str:
    """Return widths of bars and gaps in modules, bar first, stop pattern included."""
    return "".join(_CODE128[6 * value : 6 * value + 6] for value in values) + _STOP


def code128_readable(data: bytes) -> str:
    """Return the text people read under the bars: code set marks left out, pairs of set C as two digits."""
    text, code_set, at = "", "B", 0
    while at < len(data):
        if data[at] == 0x7B and at + 1 < len(data):
            letter = chr(data[at + 1])
            code_set = letter if letter in _SWITCH else code_set
            text += "{" if letter == "{" else ""
            at += 2
            continue
        text += f"{data[at]:02d}" if code_set == "C" else chr(data[at]) if 0x20 <= data[at] < 0x7F else " "
        at += 1
    return text
