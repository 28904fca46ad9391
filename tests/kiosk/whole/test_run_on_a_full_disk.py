"""``kiosk run`` whose disk takes no more: it says so, gives the note back, stays out of service until it is mended."""

import resource
import signal
from pathlib import Path

from kiosk.ledger.audit import audit
from tests.kiosk.whole.terminal import Terminal

NO_DISPLAY = ":4711"


def validator_is_ready(terminal: Terminal, out: Path) -> None:
    log = out / "kiosk.log"
    while '"state": "idle", "power": "online"' not in log.read_text():  # a unit that is not ready pushes notes out again
        terminal.type("validator state")
        terminal.until("validator: ok")


def test_a_disk_that_takes_no_more_puts_the_kiosk_out_of_service_until_somebody_comes(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Terminal(out, display=NO_DISPLAY) as terminal:
        terminal.until("help lists everything")
        validator_is_ready(terminal, out)
        soft, hard = resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE, (1024, hard))
        terminal.type("insert 1000")
        terminal.until("note_in_escrow yen=1000")
        terminal.until("note_returned yen=1000")
        if "OUT OF SERVICE" not in terminal.said:
            terminal.until("OUT OF SERVICE")
        assert "the journal cannot be written: the disk failed" in terminal.said
        assert "lines will be missing there" in terminal.said
        terminal.type("insert 1000")
        assert "note_in_escrow" not in terminal.until("note_re")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end(30) == 1
        assert "Traceback" not in terminal.said
        assert terminal.said.splitlines()[-1].startswith("kiosk: the journal cannot be written")
        assert terminal.alive() == []
    assert soft != 1024
    with Terminal(out, display=NO_DISPLAY) as terminal:
        terminal.until("help lists everything")
        validator_is_ready(terminal, out)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end(30) == 0, terminal.said
    report = audit(out / "journal.sqlite")
    assert report.problems == ()
    assert report.totals.inserted == report.totals.returned
