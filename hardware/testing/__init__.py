"""The conformance kit: one contract for every bill acceptor, coin acceptor and dispenser, as a pytest plugin.

**Run the contract.** ``pytest --bench FILE`` opens the bench of ``FILE`` (a file like those in ``config/benches/``) and runs
the packaged contract (:mod:`hardware.testing.conformance`) against every bill acceptor, coin acceptor and device that pays out
on it, device by device and check by check. The file alone decides what is behind each line; a check never asks::

    [devices.validator]            # an emulator in this process: virtual time, the whole contract in seconds
    model = "jcm-id003-jpy"
    link = "memory"

    [devices.validator]            # an emulator in a process of its own behind a pty: real time
    model = "jcm-id003-jpy"
    link = "pty"

    [devices.validator]            # a real unit: real time, and a person does what a program cannot
    model = "jcm-id003-jpy"
    link = "serial"
    port = "/dev/serial/by-id/usb-FTDI_0001-if00-port0"

**The hand.** An emulator has a hand that puts notes in and pulls its plug. At a real unit the kit asks on the terminal,
whatever pytest captures (``>>> validator: please insert a 1,000-yen note``), and waits, bounded, for the event.
``--bench-hand none`` says that nobody is there, ``ask`` that somebody is although the input is no terminal.

**NOT RUN.** What a bench cannot do (cut the power of a real unit at an exact instant; read a near-full sensor that the protocol
has no word for) is reported as NOT RUN with its reason, in yellow, and never counts as passed. ``--bench-all`` makes a run
with any such check end with status 1, for who must have them all.

**The report.** ``--bench-report DIR`` writes ``report.html``, one file that needs nothing else, and ``report.json``: each check
with device, protocol, model, result, seconds (by the device's own clock and by ours), what the device and its driver said last,
and why it failed.

**Recordings.** ``--bench-trace DIR`` writes each check's wire trace; a device with ``link = "recording"`` and
``trace = "FILE"`` plays one back to its driver, in virtual time, and the same check runs on it: what a real unit once said
stays a test.

**The oracle.** At the end of each check everything comes to rest and the books are held against the matter, where an emulator
lets itself be looked into: what was credited is in the box, what is in the box and was not credited was declared, no note is
both returned and credited, each note is one story of the contract, and the next note is taken and credited once.

**Your own tests.** The plugin is active in every project that has this package installed. A test that takes one of these
fixtures is run once for each such device of ``--bench``, or of the file that its module names as ``BENCH = Path(...)``::

    async def test_our_kiosk_takes_a_note(bill_acceptor: BillRig) -> None:
        rig = await bill_acceptor.ready()
        await rig.insert(1000)
        await rig.until_told(NoteInEscrow(1000))
        rig.stack()
        await rig.until_told(NoteStacked(1000))
        await rig.conclude()

========================  =====================================================================================
fixture                   what it is
========================  =====================================================================================
``bill_acceptor``         :class:`BillRig`: driver, line with faults, hand and oracle of one bill acceptor
``coin_acceptor``         :class:`CoinRig`: the same for a coin acceptor, or for a change machine that takes cash
``dispenser``             :class:`PayoutRig`: the same for a hopper, or for what else pays out
========================  =====================================================================================

A test with such a fixture is ``async``; it runs in virtual time when all its devices live in memory. To hold your own driver to
the contract, register it under ``konbini.drivers``, write a model file into ``config/devices`` of your project, and name the
model in a bench file; :func:`hardware.testing.conformance.checks` puts the whole contract into a suite of yours.

**Paper.** ``printed(emulator)`` (:mod:`hardware.testing.printed`) judges what an emulated printer cut off: its text, the
symbols read back from its dots, where the presenter has it, and that no byte of it was lost.

**Faults.** ``rig.faults`` is the line (:class:`hardware.links.faults.LineFaults`), ``rig.link.unplug()`` its cable,
``rig.power`` the device's power, ``rig.kill_host`` the death of the program; ``rig.reach(moment)`` brings a note to any moment
of its way.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hardware.testing.billrig import BillRig as BillRig
    from hardware.testing.billrig import Moment as Moment
    from hardware.testing.coinrig import CoinRig as CoinRig
    from hardware.testing.notrun import NotRun as NotRun
    from hardware.testing.payoutrig import PayoutRig as PayoutRig
    from hardware.testing.person import Person as Person
    from hardware.testing.printed import Printed as Printed
    from hardware.testing.rig import Rig as Rig

_HOMES = {
    "BillRig": "billrig",
    "CoinRig": "coinrig",
    "Moment": "billrig",
    "NotRun": "notrun",
    "PayoutRig": "payoutrig",
    "Person": "person",
    "Printed": "printed",
    "Rig": "rig",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: the plugin is loaded into every pytest run of its environment, and must cost those nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
