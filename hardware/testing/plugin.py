"""The pytest plugin: options, fixtures, the clock a check runs by, NOT RUN, and the report. See :mod:`hardware.testing`."""

import asyncio
import inspect
import re
import sys
from collections.abc import Generator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from hardware.clock import run_virtual

RIGS = {"bill_acceptor": ("bill",), "coin_acceptor": ("coin", "changer"), "dispenser": ("hopper", "changer")}
"""Fixture by fixture: the classes of device that it is parametrized with."""

CONFORMANCE = Path(__file__).parent / "conformance"
_RECORDS = pytest.StashKey[list[Any]]()
_REPORT = pytest.StashKey[Any]()
_BENCHES = pytest.StashKey[dict[Path, list[Any]]]()
_PACKAGED = pytest.StashKey[bool]()
"""Whether the packaged contract is run, because nothing else was named."""

pytest.register_assert_rewrite("hardware.testing.conformance", "hardware.testing.rig", "hardware.testing.billrig")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the bench options."""
    group = parser.getgroup("bench", "conformance of cash devices (hardware.testing)")
    group.addoption("--bench", type=Path, metavar="FILE", help="open the devices of this bench file; alone: run the contract")
    group.addoption("--bench-report", type=Path, metavar="DIR", help="write report.html and report.json there")
    group.addoption(
        "--bench-hand",
        choices=("auto", "ask", "none"),
        default="auto",
        help="at a real unit: ask a person at the terminal, or nobody is there; auto asks when input is a terminal",
    )
    group.addoption("--bench-all", action="store_true", help="end with status 1 when anything was not run")
    group.addoption("--bench-trace", type=Path, metavar="DIR", help="write each check's wire trace there, to be played back")
    group.addoption("--bench-seed", type=int, default=0, metavar="N", help="seed of what the line spoils at random")


def pytest_configure(config: pytest.Config) -> None:
    """Collect the packaged contract when a bench is given and nothing else; begin a report when one is wanted."""
    config.addinivalue_line("markers", "bench_model(**tables): change figures of an emulated model for this check")
    bench: Path | None = config.option.bench
    if bench is not None:
        specs = _read_bench(config, bench)
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            if not any(_is_for(rig, spec) for rig in RIGS for spec in specs):
                raise pytest.UsageError(f"{bench}: has no device that takes or pays out money, which the contract is about")
            config.args = [str(path) for path in sorted(CONFORMANCE.glob("*.py")) if path.name != "__init__.py"]
            config.stash[_PACKAGED] = True
    _make_folder("--bench-report", config.option.bench_report)
    _make_folder("--bench-trace", config.option.bench_trace)
    if config.option.bench_report is not None:
        from hardware.testing.report import Report

        config.stash[_REPORT] = Report(config.option.bench, config.option.bench_report)


def _make_folder(option: str, folder: Path | None) -> None:
    """Make the folder of an option now: at the end of a long run it would be too late to hear that it cannot be."""
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise pytest.UsageError(f"{option} {folder}: cannot make the folder: {error.strerror}") from error


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which devices are under test, and which ports are not there: every check of theirs will wait for them in vain."""
    bench: Path | None = config.option.bench
    lines = []
    for spec in _read_bench(config, bench) if bench is not None else []:
        missing = spec.link == "serial" and not Path(spec.port).exists()
        where = f"{spec.link} {spec.port}".rstrip() + (", WHICH IS NOT THERE" if missing else "")
        lines.append(f"bench: {spec.name}: {spec.model.name}, {where}")
    return lines


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Call the packaged checks by their file: what lies outside the project's folder has no name in pytest otherwise."""
    if module_path.parent != CONFORMANCE or not parent.config.stash.get(_PACKAGED, False):
        return None
    module: pytest.Module = pytest.Module.from_parent(parent, path=module_path, nodeid=module_path.name)
    return module


# -- which devices -----------------------------------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize a test that wants a rig by the devices of the bench."""
    for name in RIGS:
        if name not in metafunc.fixturenames:
            continue
        specs = [spec for spec in _bench_of(metafunc) if _is_for(name, spec)]
        metafunc.parametrize(
            name, specs or [None], ids=[spec.name for spec in specs] or ["none"], indirect=True, scope="function"
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out of the packaged contract what is about a class of device that the bench does not have."""
    if not config.stash.get(_PACKAGED, False):
        return
    absent = [item for item in items if isinstance(item, pytest.Function) and _is_for_nobody(item)]
    config.hook.pytest_deselected(items=absent)
    items[:] = [item for item in items if item not in absent]


def _is_for_nobody(item: pytest.Function) -> bool:
    callspec = getattr(item, "callspec", None)
    return callspec is not None and any(name in callspec.params and callspec.params[name] is None for name in RIGS)


def _is_for(rig: str, spec: Any) -> bool:
    """Whether ``rig`` is for the device: by its class, or for what pays out, and the bill acceptor has a recycler."""
    pays = rig == "dispenser" and spec.model.device_class == "bill" and "recycler" in spec.model.settings
    return pays or spec.model.device_class in RIGS[rig]


def _bench_of(metafunc: pytest.Metafunc) -> list[Any]:
    """Return the devices of ``--bench``, or of the file that the test module names as ``BENCH``."""
    path = metafunc.config.option.bench or getattr(metafunc.module, "BENCH", None)
    if path is None:
        raise pytest.Collector.CollectError(
            f"{metafunc.definition.nodeid}: wants a bench: give --bench FILE, or name it BENCH in the module"
        )
    try:
        return _read_bench(metafunc.config, Path(path))
    except pytest.UsageError as error:
        raise pytest.Collector.CollectError(str(error)) from error


def _read_bench(config: pytest.Config, path: Path) -> list[Any]:
    """Return the devices of a bench file. Raises UsageError naming what is wrong with it."""
    from hardware.benchfile import load_bench
    from hardware.errors import ConfigError
    from hardware.models import load_models, models_folder

    known: dict[Path, list[Any]] = config.stash.setdefault(_BENCHES, {})
    if path not in known:
        try:
            known[path] = load_bench(path, load_models(models_folder()))
        except ConfigError as error:
            raise pytest.UsageError(str(error)) from error
    return known[path]


def _rig_of(request: pytest.FixtureRequest, rig_class: Any, what: str) -> Iterator[Any]:
    from hardware.testing.notrun import NotRun
    from hardware.testing.variant import changed

    spec = request.param
    if spec is None:
        raise NotRun(f"the bench has no {what}")
    config = request.config
    for marker in request.node.iter_markers("bench_model"):
        spec = changed(spec, marker.kwargs)
    rig = rig_class(spec, _asker(config), config.option.bench_seed)
    if config.option.bench_trace is not None:
        rig.trace_path = config.option.bench_trace / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', request.node.name).strip('-')}.trace"
    request.node.stash.setdefault(_RECORDS, []).append(rig)
    yield rig


def _asker(config: pytest.Config) -> Any:
    """Return what shows a request at the terminal, whatever pytest captures; None when nobody is there to see it."""
    wanted = config.option.bench_hand
    if wanted == "none" or (wanted == "auto" and not (sys.stdin is not None and sys.stdin.isatty())):
        return None
    capture = config.pluginmanager.getplugin("capturemanager")

    def ask(text: str) -> None:
        if capture is None:
            print(f"\n>>> {text}", flush=True)
            return
        with capture.global_and_fixture_disabled():
            print(f"\n>>> {text}", flush=True)

    return ask


@pytest.fixture
def bill_acceptor(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A bill acceptor of the bench, as a :class:`hardware.testing.BillRig`; once for each there is.

    It is opened when the test begins and closed when it ends; the test is ``async`` and runs by the device's own clock.
    """
    from hardware.testing.billrig import BillRig

    yield from _rig_of(request, BillRig, "bill acceptor")


@pytest.fixture
def coin_acceptor(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A coin acceptor of the bench, as a :class:`hardware.testing.CoinRig`; once for each there is."""
    from hardware.testing.coinrig import CoinRig

    yield from _rig_of(request, CoinRig, "coin acceptor")


@pytest.fixture
def dispenser(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A device of the bench that pays out, as a :class:`hardware.testing.PayoutRig`; once for each there is."""
    from hardware.testing.payoutrig import PayoutRig

    yield from _rig_of(request, PayoutRig, "device that pays out")


# -- running -----------------------------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an ``async`` test with a rig: in virtual time when every device of it lives in memory, else in real time."""
    from hardware.testing.rig import LONGEST_CHECK_S

    rigs: list[Any] = [pyfuncitem.funcargs[name] for name in RIGS if name in pyfuncitem.funcargs]
    if not rigs or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}

    async def play() -> None:
        async with asyncio.timeout(LONGEST_CHECK_S), AsyncExitStack() as stack:
            for rig in rigs:
                await stack.enter_async_context(rig)
            await pyfuncitem.obj(**arguments)

    if all(rig.virtual for rig in rigs):
        run_virtual(play())
    else:
        asyncio.run(play())
    return True


# -- what came of it ---------------------------------------------------------------------------------------------------


def _not_run_reason(report: pytest.TestReport) -> str | None:
    return next((str(value) for name, value in report.user_properties if name == "not_run"), None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Mark what was not run, and keep every check of a rig for the report."""
    from hardware.testing.notrun import NotRun

    report = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, NotRun):
        report.user_properties.append(("not_run", call.excinfo.value.reason))
    rigs = item.stash.get(_RECORDS, [])
    for rig in rigs:
        if report.when == "call" and report.failed:
            report.sections.append((f"what {rig.spec.name} told", "\n".join(rig.record.told)))
            report.sections.append((f"wire of {rig.spec.name}", "\n".join(rig.record.wire)))
    book = item.config.stash.get(_REPORT, None)
    if book is not None and any(name in RIGS for name in getattr(item, "fixturenames", ())):
        book.add(item, report, rigs, _not_run_reason(report))
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, Any] | None:
    """Call a check that was not run so, and not skipped."""
    if isinstance(report, pytest.TestReport) and report.skipped and _not_run_reason(report) is not None:
        return "not run", "N", ("NOT RUN", {"yellow": True})
    return None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With ``--bench-all``, a run in which anything was not run has failed."""
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if session.config.option.bench_all and reporter is not None and reporter.stats.get("not run"):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Name what was not run with its reasons, and where the report is."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("not run", []):
        reason = _not_run_reason(report) or ""
        reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        terminalreporter.section("not run", yellow=True)
        for reason, count in sorted(reasons.items()):
            terminalreporter.line(f"{count} x {reason}")
    book = config.stash.get(_REPORT, None)
    if book is not None:
        terminalreporter.line(f"report: {book.write()}")
