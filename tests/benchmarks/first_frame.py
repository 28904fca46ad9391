"""From the start of the screen's process to its first finished frame, against a bare Kivy window with one label."""

import socket
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from kiosk.config import default_folder
from kiosk.languages import load_languages, save_texts
from kiosk.screen.samples import samples
from tests.benchmarks.children import running
from tests.benchmarks.table import Row

RUNS = 7
_LIMIT_S = 30.0


def _screen_s(folder: Path) -> float:
    path = folder / "till"
    path.unlink(missing_ok=True)
    texts = folder / "texts.json"
    if not texts.exists():
        save_texts(load_languages(default_folder() / "languages"), texts)  # as the till does while its devices start
    attract = samples("ja")["01-attract"].to_json().encode() + b"\n"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        server.settimeout(_LIMIT_S)
        began_s = perf_counter()
        with running("kiosk.screen", "--socket", str(path), "--texts", str(texts), "--offscreen"):
            connection, _ = server.accept()
            with connection, connection.makefile() as lines:
                connection.settimeout(_LIMIT_S)
                connection.sendall(attract)
                if "ready" not in lines.readline():
                    raise RuntimeError("the screen began with something else than its first frame")
                return perf_counter() - began_s


def _bare_s() -> float:
    began_s = perf_counter()
    with running("tests.benchmarks.bare_window") as process:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("the bare window drew nothing")
        return perf_counter() - began_s


def measure() -> list[Row]:
    """Return the row. The first pair only warms the caches of the disk."""
    ours_s, bare_s = [], []
    with tempfile.TemporaryDirectory(prefix="konbini-") as folder:
        for _ in range(RUNS + 1):
            ours_s.append(_screen_s(Path(folder)))
            bare_s.append(_bare_s())
    ours, bare = median(ours_s[1:]), median(bare_s[1:])
    return [
        Row(
            "process start to first finished frame",
            f"attract screen {ours * 1000:,.0f} ms",
            f"Kivy window, one label {bare * 1000:,.0f} ms",
            ours / bare,
            1.4,
        )
    ]
