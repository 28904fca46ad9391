"""``kiosk staff-pin``: PINs set, removed and listed, by whoever may write the kiosk's secrets."""

import sys
from getpass import getpass
from pathlib import Path

from kiosk.secrets import SecretError, Secrets
from kiosk.staffpins import PinRefused, StaffPins


def carry_out(deed: str, name: str, data: Path) -> int:
    """Do what was asked and return the exit status. ``data`` is the folder with the kiosk's journal."""
    pins = StaffPins(Secrets.beside(data))
    try:
        match deed:
            case "list" if not name:
                print("\n".join(pins.names()) or "nobody has a PIN")
            case "remove" if name:
                pins.remove(name)
                print(f"{name} has no PIN any more")
            case "set" if name:
                pins.set(name, _ask(name))
                print(f"{name} has a PIN now; at the kiosk: staff login {name}")
            case _:
                print("kiosk: staff-pin set NAME, staff-pin remove NAME, or staff-pin list", file=sys.stderr)
                return 2
    except (PinRefused, SecretError) as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return 1
    return 0


def _ask(name: str) -> str:
    """Ask twice, at the terminal itself and without echo. Raises PinRefused."""
    if not sys.stdin.isatty():
        raise PinRefused("a PIN is asked for at a terminal, so that it stands in no file and no list of processes")
    pin = getpass(f"PIN for {name}: ")
    if getpass("The same again: ") != pin:
        raise PinRefused("the two were not the same; nothing was changed")
    return pin
