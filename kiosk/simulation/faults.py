"""Everything that can go wrong with a kiosk, by name: what a hand, a line, a carrier, the disk or the mains do to it.

A fault of a device is a command of its emulator (``python -m hardware emulate``), with the commands that put it right again.
The names are those of ``kiosk simulate --faults``; a name may also be the group before its first dash: ``note`` is every
``note-...``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.topup.simulator.faults import Fault as CarrierFault

ALL, NONE = "all", "none"


@dataclass(frozen=True)
class FaultKind:
    """One name."""

    name: str
    where: str
    """Class of the devices it can strike; ``line`` is any emulated one, ``can nak`` one whose hand knows the command ``nak``;
    ``carrier``, ``kiosk`` and ``disk`` are no devices."""
    deeds: tuple[str, ...]
    """Commands to choose from."""
    help: str
    cures: tuple[str, ...] = ()
    """Commands that put it right."""
    recount: bool = False
    """Pieces may not be where the books say afterwards, and nobody but staff who count can find out."""


_OPERATIONS = ("commit", "reserve", "find", "lookup", "quote", "cancel")
_MONEY_STEPS = ("commit", "reserve", "cancel")


def _carrier(fault: CarrierFault, text: str, operations: tuple[str, ...] = _OPERATIONS) -> FaultKind:
    deeds = tuple(f"{operation} {fault.value}" for operation in operations)
    return FaultKind(f"carrier-{fault.value.replace('_', '-')}", "carrier", deeds, text)


FAULTS: tuple[FaultKind, ...] = (
    # notes
    FaultKind("note-jam", "bill", ("jam acceptor", "jam stacker"), "a note gets stuck", ("clear",), recount=True),
    FaultKind("note-broken", "bill", ("fail motor", "fail sensor"), "motor or sensors break", ("clear",), recount=True),
    FaultKind("note-string", "bill", ("cheat",), "the customer pulls a note out on a string", ("clear",), recount=True),
    FaultKind("note-box-out", "bill", ("open",), "staff take the cash box out in the middle of it", ("close",)),
    FaultKind("note-box-full", "bill", ("full",), "the box is full", recount=True),
    FaultKind("note-slow", "bill", ("slow 3", "slow 8"), "a worn motor", ("slow 1",)),
    FaultKind("note-left", "bill", ("leave on",), "notes given back are left sticking out", ("take", "leave off")),
    FaultKind("note-path", "can path", ("path open",), "staff open the note path", ("path shut",)),
    FaultKind("note-ticket", "can ticket", ("ticket 123456789012",), "a barcode ticket is put in for a note", ("take",)),
    # what a unit itself says, against all expectation
    FaultKind("unit-nak", "can nak", ("nak 1", "nak 3", "nak 40"), "it refuses what it is asked", ("nak 0",)),
    FaultKind("unit-busy", "can busy", ("busy 1", "busy 5", "busy 25"), "it says that it is busy", ("busy 0",)),
    FaultKind("unit-event", "can event", ("event 77", "event 199"), "it tells what no manual knows"),
    FaultKind("unit-echo", "can echo", ("echo on",), "the one wire gives the host its own bytes", ("echo off",)),
    FaultKind("unit-garbled", "can comm-error", ("comm-error",), "it says that it was not understood"),
    FaultKind("unit-key", "can lose-key", ("lose-key", "skip-count 1", "skip-count 9"), "its key or packet count is another"),
    # coins and hoppers
    FaultKind("coin-jam", "coin", ("jam entry", "jam sensor", "jam gate", "jam sorter"), "a coin sticks", ("clear",), True),
    FaultKind("coin-broken", "coin", ("fail",), "the coin acceptor breaks", ("clear",), recount=True),
    FaultKind("hopper-jam", "hopper", ("jam",), "a wedged coin: the motor turns, nothing comes", ("clear",), recount=True),
    FaultKind("hopper-block", "hopper", ("block",), "something covers the exit sensor", ("clear",)),
    FaultKind("hopper-broken", "hopper", ("fail",), "a hopper breaks", ("clear",)),
    FaultKind("hopper-slow", "hopper", ("slow 3", "slow 9"), "a worn motor", ("slow 1",)),
    FaultKind("hopper-empty", "hopper", ("empty",), "the hopper holds less than the books say", recount=True),
    FaultKind("hopper-cheat", "hopper", ("cheat",), "the exit sensor is blinded", ("clear",), recount=True),
    # change machine
    FaultKind("changer-jam", "changer", ("fail coins", "fail notes", "fail payout"), "belts stop", ("clear",), recount=True),
    FaultKind("changer-broken", "changer", ("fail motor", "fail sensor"), "the machine breaks", ("clear",), recount=True),
    FaultKind("changer-slow", "changer", ("slow 3", "slow 9"), "worn motors", ("slow 1",)),
    FaultKind("changer-left", "changer", ("leave on",), "what comes out is left in the exit", ("take", "leave off")),
    FaultKind("changer-miscount", "changer", ("unload 100 2", "load 100 2", "unload 1000 1"), "its count is wrong", (), True),
    # printer
    FaultKind("paper-end", "printer", ("paper 0", "paper 60", "paper 150"), "paper runs out", ("paper new",)),
    FaultKind("paper-jam", "printer", ("jam paper",), "the paper sticks", ("jam clear",)),
    FaultKind("paper-torn", "printer", ("tear", "pull"), "the customer tears at the paper", ("jam clear",)),
    FaultKind("printer-cutter", "printer", ("jam cutter",), "the cutter jams", ("jam clear",)),
    FaultKind("printer-cover", "printer", ("cover open",), "the cover is opened", ("cover close",)),
    FaultKind("printer-hot", "printer", ("hot on",), "the head is too hot", ("hot off",)),
    FaultKind("printer-broken", "printer", ("fail",), "the printer breaks", ("power off", "power on")),
    FaultKind(
        "printer-presenter", "presenter", ("jam presenter", "leave"), "the presenter jams, or nobody takes", ("jam clear",)
    ),
    # lines: `host` turns a step round, towards the device
    FaultKind("line-drop", "line", ("line drop 1", "line drop 3", "line drop 2 host"), "messages are lost", ("line off",)),
    FaultKind("line-duplicate", "line", ("line duplicate 1", "line duplicate 2 host"), "messages come twice", ("line off",)),
    FaultKind(
        "line-corrupt", "line", ("line corrupt 1 1", "line corrupt 2 3", "line corrupt 1 2 host"), "bits flip", ("line off",)
    ),
    FaultKind("line-truncate", "line", ("line truncate 2", "line truncate 4 host"), "messages are cut short", ("line off",)),
    FaultKind(
        "line-noise", "line", ("line insert 00", "line insert FF", "line insert garbage", "garbage"), "noise", ("line off",)
    ),
    FaultKind("line-join", "line", ("line join",), "two messages in one piece", ("line off",)),
    FaultKind("line-delay", "line", ("line delay 0.05", "line delay 0.4", "line delay 3"), "messages come late", ("line off",)),
    FaultKind("line-split", "line", ("line split 0.004",), "messages come byte by byte", ("line off",)),
    FaultKind(
        "line-mute", "line", ("line mute on", "line mute on host", "silence on"), "one way dead", ("line off", "silence off")
    ),
    FaultKind("line-stale", "line", ("line stale on",), "each answer is that to the question before", ("line off",)),
    FaultKind("line-echo", "line", ("line echo on",), "the host hears itself", ("line off",)),
    FaultKind("line-parity", "line", ("line parity wrong", "line parity bit7"), "wrong parity", ("line off",)),
    FaultKind("line-baud", "line", ("line baud wrong",), "wrong baud rate", ("line off",)),
    FaultKind("line-stuck", "line", ("line stuck 00", "line stuck FF"), "one byte without end", ("line off",)),
    FaultKind("line-unplug", "line", ("unplug",), "the cable comes out", ("replug",)),
    # power
    FaultKind("power-device", "device", ("power off",), "one device loses its power", ("power on",), recount=True),
    FaultKind("power-kiosk", "kiosk", ("power",), "everything loses its power, the disk too", ("start",), recount=True),
    FaultKind("power-killed", "kiosk", ("kill",), "the kiosk's program is killed", ("start",)),
    # carriers
    _carrier(CarrierFault.DROP_BEFORE_EFFECT, "the request is lost"),
    _carrier(CarrierFault.DROP_AFTER_EFFECT, "the answer is lost"),
    _carrier(CarrierFault.DELAYED_REPLY, "the answer comes too late"),
    _carrier(CarrierFault.DELAYED_EFFECT, "the effect comes too late", _MONEY_STEPS),
    _carrier(CarrierFault.HTTP_500_AFTER_EFFECT, "effect, then HTTP 500"),
    _carrier(CarrierFault.GARBAGE_REPLY, "effect, then a proxy's error page"),
    _carrier(CarrierFault.CROSSED_REPLY, "an answer about somebody else's top-up"),
    _carrier(CarrierFault.DUPLICATE_REPLY, "the network delivers the request twice"),
    _carrier(CarrierFault.DOWN, "503"),
    _carrier(CarrierFault.DECLINE, "the carrier declines at commit", ("commit",)),
    _carrier(CarrierFault.UNKNOWN, "the carrier does not know yet", ("commit",)),
    _carrier(CarrierFault.RESERVATION_EXPIRED, "the reservation ran out before commit", ("commit",)),
    _carrier(CarrierFault.PRICE_CHANGED, "the carrier's price has changed", ("reserve", "commit")),
    FaultKind("carrier-away", "carrier", ("state DOWN", "state QUERY_ONLY", "state DEGRADED"), "carriers are away", ("heal",)),
    FaultKind("carrier-clock", "carrier", ("skew -90", "skew 90"), "the carriers' clock is wrong", ("heal",)),
    # disk
    FaultKind("disk-full", "disk", ("write ENOSPC", "write ENOSPC lasting"), "no space left", ("heal",)),
    FaultKind("disk-error", "disk", ("sync EIO", "write EIO", "sync EIO lasting"), "the disk fails", ("heal",)),
    FaultKind("disk-read-only", "disk", ("read-only",), "the file system went read-only", ("heal",)),
)
BY_NAME = {kind.name: kind for kind in FAULTS}


class UnknownFault(ValueError):
    """A name of ``--faults`` that there is not; the text says which there are."""


def chosen(words: str) -> tuple[FaultKind, ...]:
    """Return the faults that ``words`` name: ``all``, ``none``, or names and groups between commas. Raises UnknownFault."""
    if words in (ALL, NONE):
        return FAULTS if words == ALL else ()
    wanted: dict[str, FaultKind] = {}
    for word in (word.strip() for word in words.split(",")):
        found = {kind.name: kind for kind in FAULTS if word in (kind.name, kind.name.partition("-")[0])}
        if not found:
            raise UnknownFault(f"--faults: there is no {word!r}; `kiosk simulate --faults help` lists what there is")
        wanted |= found
    return tuple(kind for kind in FAULTS if kind.name in wanted)


def listing(kinds: Iterable[FaultKind] = FAULTS) -> str:
    """Return the names with a line of help each."""
    width = max(len(kind.name) for kind in FAULTS)
    lines = [f"  {kind.name:<{width}}  {kind.help}" for kind in kinds]
    groups = ", ".join(dict.fromkeys(kind.name.partition("-")[0] for kind in FAULTS))
    return "\n".join([f"--faults all (the default), none, or names and groups ({groups}) between commas:", *lines])
