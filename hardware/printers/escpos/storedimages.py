"""Images that the printer keeps: downloaded (``GS *``, ``GS /``), NV (``FS q``, ``FS p``) and graphics by key (``GS ( L``).

NV images live through power off; downloaded ones go with ``ESC @``. What does not fit into its memory is parsed and not stored,
which is counted as ignored. While a long one comes in, its bytes wait beside the receive buffer [K].
Answers to the capacity functions have the header 37 and the function's number [K].
"""

from collections.abc import Callable
from typing import Final

from hardware.printers.escpos.ink import Placed, PrintedLine, Raster, columns_as_raster
from hardware.printers.escpos.typesetter import Typesetter

NV_BYTES: Final = 256 * 1024
"""[D: T88III]"""
DOWNLOAD_BYTES: Final = 12 * 1024
_SCALES: Final = {0: (1, 1), 1: (2, 1), 2: (1, 2), 3: (2, 2)}
_Key = tuple[int, int]


class StoredImages:
    """Where images are kept, and the commands around them."""

    def __init__(self, setter: Typesetter, say: Callable[[bytes, float], None]) -> None:
        self._setter = setter
        self._say = say
        self._downloaded: Raster | None = None
        self._nv: list[Raster] = []
        self._keyed: dict[_Key, Raster] = {}
        self._downloads: dict[_Key, Raster] = {}

    def reset(self) -> None:
        """``ESC @`` forgets what was downloaded, not what is in the NV memory."""
        self._downloaded = None
        self._downloads = {}

    def commands(self) -> dict[bytes, Callable[[bytes, float], bool]]:
        """Return what obeys each code; False from it means that it had no effect."""
        return {b"\x1d*": self._download, b"\x1d/": self._print_downloaded, b"\x1cq": self._define_nv, b"\x1cp": self._print_nv}

    def graphics(self, function: int, operands: bytes, t: float) -> bool:
        """Obey the functions of ``GS ( L`` that keep, print, delete and count images by key."""
        key = (operands[0], operands[1]) if len(operands) >= 2 else (0, 0)
        match function:
            case 48 | 51:
                store = self._keyed if function == 48 else self._downloads
                size = NV_BYTES if function == 48 else DOWNLOAD_BYTES
                free = max(0, size - sum(len(image.data) for image in store.values()))
                self._say(b"\x37" + bytes((function,)) + str(free).encode() + b"\0", t)
            case 64:
                self._say(b"\x37\x72" + b"".join(bytes(one) for one in sorted(self._keyed))[:80] + b"\0", t)
            case 65 | 81:
                (self._keyed if function == 65 else self._downloads).clear()
            case 66 | 82:
                return (self._keyed if function == 66 else self._downloads).pop(key, None) is not None
            case 67 | 83:
                return self._keep(self._keyed if function == 67 else self._downloads, operands)
            case 69 | 85:
                image = (self._keyed if function == 69 else self._downloads).get(key)
                scale = operands[2:4]
                if image is None or len(scale) < 2 or not {*scale} <= {1, 2}:
                    return False
                return self._print(image, (scale[0], scale[1]), t)
            case _:
                return False
        return True

    def _keep(self, store: dict[_Key, Raster], operands: bytes) -> bool:
        """``30 kc1 kc2 b xL xH yL yH c d...``: one colour is modelled."""
        if len(operands) < 9 or operands[0] != 48 or operands[3] != 1:
            return False
        width, rows = int.from_bytes(operands[4:6], "little"), int.from_bytes(operands[6:8], "little")
        row_bytes, data = -(-width // 8), operands[9:]
        if not width or not rows or len(data) < row_bytes * rows:
            return False
        if len(store) >= 256 or sum(len(image.data) for image in store.values()) + len(data) > NV_BYTES:
            return False
        store[operands[1], operands[2]] = Raster(data[: row_bytes * rows], row_bytes, rows, 1, 1, (width, rows), first=True)
        return True

    def _download(self, args: bytes, t: float) -> bool:
        x, y = args[0], args[1]
        if not x or not 0 < y <= 48 or len(args) < 2 + x * y * 8:
            return False
        self._downloaded = columns_as_raster(8 * x, y, args[2:])
        return True

    def _print_downloaded(self, args: bytes, t: float) -> bool:
        scale = _SCALES.get(args[0] & 0x0F if args[0] in (*range(4), *range(48, 52)) else -1)
        return scale is not None and self._downloaded is not None and self._print(self._downloaded, scale, t)

    def _define_nv(self, args: bytes, t: float) -> bool:
        images, at = [], 1
        for _ in range(args[0]):
            x, y = int.from_bytes(args[at : at + 2], "little"), int.from_bytes(args[at + 2 : at + 4], "little")
            images.append(columns_as_raster(8 * x, y, args[at + 4 : at + 4 + 8 * x * y]))
            at += 4 + 8 * x * y
        self._nv = images  # all that were there before are gone [D]
        return True

    def _print_nv(self, args: bytes, t: float) -> bool:
        number, scale = args[0], _SCALES.get(args[1] & 0x0F if args[1] in (*range(4), *range(48, 52)) else -1)
        if scale is None or not 1 <= number <= len(self._nv):
            return False
        return self._print(self._nv[number - 1], scale, t)

    def _print(self, image: Raster, scale: tuple[int, int], t: float) -> bool:
        if not self._setter.line.at_start or not image.rows:
            return False
        whole = (image.whole[0] * scale[0], image.whole[1] * scale[1])
        scaled = Raster(image.data, image.row_bytes, image.rows, *scale, whole, first=True)
        x = self._setter.line.indent(scaled.width_dots)
        self._setter.print_ink(PrintedLine((Placed(x, 0, scaled),)), scaled.height_dots, t)
        return True
