"""The report of a run: every check with device, result, time and what the device said, as JSON and as one HTML page."""

import inspect
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from hardware.clock import RealCalendar
from hardware.testing.page import page
from hardware.testing.rig import Rig

LINES = 60
"""What of the wire and the events is kept of a check that failed."""
TOLD_OF_A_FAILURE = 400
LINES_OF_A_PASS = 15
Result = Literal["passed", "failed", "not run"]


@dataclass
class Check:
    """One check on one device. Mutable: its phases add to it."""

    sentence: str
    """The test's name as people read it."""
    case: str
    """Which of its cases: ``stacking, 5.0``."""
    demand: str
    """Its docstring: what is demanded and why."""
    subject: str
    """The module: what the contract is about."""
    device: str
    protocol: str
    model: str
    confidence: str
    link: str
    result: Result = "passed"
    reason: str = ""
    seconds: float = 0.0
    """By the device's own clock."""
    clock: Literal["virtual", "real"] = "real"
    real_seconds: float = 0.0
    told: list[str] = field(default_factory=list)
    wire: list[str] = field(default_factory=list)


class Report:
    """Collects checks and writes them down."""

    def __init__(self, bench: Path | None, folder: Path) -> None:
        self._bench = bench
        self._folder = folder
        self._checks: dict[str, Check] = {}

    def add(self, item: pytest.Item, outcome: pytest.TestReport, rigs: list[Rig], not_run: str | None) -> None:
        """Take in one phase (set-up, call, tear-down) of one check."""
        check = self._checks.get(item.nodeid)
        if check is None:
            check = self._checks[item.nodeid] = self._begin(item, rigs)
        if outcome.when == "call":
            check.seconds = round(sum(rig.record.seconds for rig in rigs), 3)
            check.real_seconds = round(sum(rig.record.real_seconds for rig in rigs), 3)
            lines = LINES if outcome.failed else LINES_OF_A_PASS
            check.told = [
                line for rig in rigs for line in list(rig.record.told)[-(TOLD_OF_A_FAILURE if outcome.failed else lines) :]
            ]
            check.wire = [line for rig in rigs for line in list(rig.record.wire)[-lines:]]
        if outcome.failed:
            check.result, check.reason = "failed", _reason(outcome)
        elif outcome.skipped and check.result == "passed":
            check.result = "not run"
            check.reason = not_run if not_run is not None else _reason(outcome)

    def _begin(self, item: pytest.Item, rigs: list[Rig]) -> Check:
        function = getattr(item, "obj", None)
        name = getattr(item, "originalname", None) or item.name
        spec = rigs[0].spec if rigs else None
        device = spec.name if spec else ""
        return Check(
            sentence=name.removeprefix("test_").replace("_", " "),
            case=_case(item, device),
            demand=inspect.getdoc(function) or "",
            subject=item.path.stem.removeprefix("test_").replace("_", ", "),
            device=device or "none",
            protocol=spec.model.protocol if spec else "",
            model=spec.model.name if spec else "",
            confidence=spec.model.confidence if spec else "",
            link=spec.link if spec else "",
            clock="virtual" if rigs and all(rig.virtual for rig in rigs) else "real",
        )

    def write(self) -> Path:
        """Write both files. Returns the HTML page's path."""
        self._folder.mkdir(parents=True, exist_ok=True)
        document = self.document()
        (self._folder / "report.json").write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
        html = self._folder / "report.html"
        html.write_text(page(document), encoding="utf-8")
        return html

    def document(self) -> dict[str, Any]:
        """Return the report as JSON knows it."""
        checks = [asdict(check) for check in self._checks.values()]
        counts = {result: sum(c["result"] == result for c in checks) for result in ("passed", "failed", "not run")}
        return {
            "bench": str(self._bench) if self._bench else "",
            "written": RealCalendar().now().isoformat(timespec="seconds"),
            "verdict": _verdict(counts),
            "counts": counts,
            "checks": checks,
        }


def _verdict(counts: dict[str, int]) -> str:
    """Return one word for the whole: only a run in which everything was run and passed is ``passed``."""
    if counts["failed"]:
        return "failed"
    return "passed in part" if counts["not run"] or not counts["passed"] else "passed"


def _case(item: pytest.Item, device: str) -> str:
    callspec = getattr(item, "callspec", None)
    parts = str(callspec.id).split("-") if callspec is not None else []
    return ", ".join(part for part in parts if part != device)


def _reason(outcome: pytest.TestReport) -> str:
    crash = getattr(outcome.longrepr, "reprcrash", None)
    if crash is not None:
        return str(crash.message)
    if isinstance(outcome.longrepr, tuple):
        return str(outcome.longrepr[2])
    return str(outcome.longrepr)
