"""``python -m tests.fuzz [CODEC...] [--seconds N]``: atheris on each codec, one process each; what crashed it is printed.

Atheris is no dependency of the project: ``make fuzz`` installs it. Its seeds are the codecs' own sound frames.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.codecs import CODECS

_ONE = "--one"


def _fuzz(name: str, seconds: int, corpus: Path) -> None:
    """Fuzz one codec in this process; never returns."""
    import atheris  # type: ignore[import-not-found,unused-ignore]

    codec = CODECS[name]
    for number, frame in enumerate(codec.sound):
        (corpus / f"{number}").write_bytes(frame)
    for read in (codec.survive, *codec.readers):
        atheris.instrument_func(read)
    options = [sys.argv[0], f"-max_total_time={seconds}", "-max_len=400", "-print_final_stats=1", "-verbosity=0", str(corpus)]
    atheris.Setup(options, codec.survive)
    atheris.Fuzz()


def main() -> int:
    """Fuzz the codecs asked for, all when none is named. Returns 1 when one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("codecs", nargs="*", metavar="CODEC", help=f"of {', '.join(CODECS)}")
    parser.add_argument("--seconds", type=int, default=20, help="for each codec")
    parser.add_argument(_ONE, metavar="CORPUS", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if unknown := [name for name in given.codecs if name not in CODECS]:
        parser.error(f"no codec {unknown[0]}; there are {', '.join(CODECS)}")
    if given.one:
        _fuzz(given.codecs[0], given.seconds, Path(given.one))
    failed = []
    for name in given.codecs or CODECS:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "tests.fuzz", name, "--seconds", str(given.seconds), _ONE, folder]
            done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=given.seconds + 120, check=False)
        runs = [line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line]
        print(f"{name:<14} {'ok' if done.returncode == 0 else 'FAILED'}   {runs[0] if runs else '?'} inputs", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stderr[-4000:], file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
