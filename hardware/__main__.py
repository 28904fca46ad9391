"""``python -m hardware``: emulate a device, drive one, list the models. JSON lines on standard output, nothing else.

A failure is one line on standard error: exit status 2 when the command line itself is wrong, 1 for everything else. Read
with argparse and imported piece by piece, because a bench starts one such process per device and waits for it.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from hardware.console import Output
from hardware.errors import ConfigError, DeviceError, OfflineError
from hardware.models import DeviceModel, find_model, load_models, models_folder
from hardware.protocols import DRIVERS, EMULATORS, registered


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} ({self.prog} --help tells more)\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. Exits with status 0 when it ended as asked."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.command is None:
        parser.print_help(sys.stderr)
        sys.exit(2)
    try:
        {"emulate": _emulate, "drive": _drive, "list": _list}[given.command](given)
    except DeviceError as error:
        sys.exit(f"hardware: {error}")
    except KeyboardInterrupt:  # in the moment before the loop has its own handler
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m hardware", description="Emulated devices on pseudo ports, and drivers on any port.", allow_abbrev=False
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    model_help = "a model's name (see list) or the path of its TOML file"

    what = "be a device on a pty or a TCP port; commands on standard input (help lists them); ends with the input or on SIGTERM"
    emulate = commands.add_parser("emulate", help=what, description=what, allow_abbrev=False)
    several = "; several devices on one line, or one under a name: NAME=MODEL, and commands begin with NAME:"
    emulate.add_argument("model", nargs="+", type=_text, help=model_help + several)
    place = emulate.add_mutually_exclusive_group(required=True)
    place.add_argument("--pty", type=_path, help="symlink to make to the port that a host opens")
    place.add_argument(
        "--tcp", type=_tcp_port, metavar="PORT", help="port of 127.0.0.1 to listen on, as network printers do: 9100"
    )
    emulate.add_argument("--out", type=_path, help="folder for what a printer prints (PNG); else the working folder")

    what_for = "what the units keep without power (made when missing): after a kill the next process with it goes on from there"
    emulate.add_argument("--memory", type=_path, metavar="FILE", help=what_for)

    what = "drive a device and print its events; ends on Ctrl-C"
    drive = commands.add_parser("drive", help=what, description=what, allow_abbrev=False)
    drive.add_argument("model", type=_text, help=model_help)
    drive.add_argument("--port", type=_text, required=True, help="the serial port, or an emulator's pty")
    decision = drive.add_mutually_exclusive_group()
    decision.add_argument("--accept", action="store_true", help="stack every note; else it is held in escrow")
    decision.add_argument("--return", action="store_true", dest="give_back", help="return every note")
    drive.add_argument("--pay", type=_pieces, metavar="YEN:COUNT[,...]", help="what to pay out, such as 500:3")
    drive.add_argument("--print", dest="text", metavar="TEXT", help="a line for a printer to print and cut")

    what = "list the models: class, protocol, and whether there is a driver and an emulator"
    list_models = commands.add_parser("list", help=what, description=what, allow_abbrev=False)
    list_models.add_argument("--json", action="store_true", dest="as_json", help="one JSON array")
    return parser


def _text(argument: str) -> str:
    if not argument:
        raise argparse.ArgumentTypeError("expected a name or a path, found nothing")
    return argument


def _pieces(argument: str) -> dict[int, int]:
    pieces: dict[int, int] = {}
    for part in argument.split(","):
        yen, colon, count = part.partition(":")
        if not (colon and yen.isdecimal() and count.isdecimal() and 0 < len(yen) < 7 and 0 < len(count) < 5):
            raise argparse.ArgumentTypeError(f"expected YEN:COUNT such as 500:3, found {part!r}")
        if int(count) == 0 or int(yen) in pieces:
            raise argparse.ArgumentTypeError(f"expected each value once, and one piece of it or more, found {argument!r}")
        pieces[int(yen)] = int(count)
    return pieces


def _tcp_port(argument: str) -> int:
    if not argument.isdecimal() or len(argument) > 5 or int(argument) > 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 (any that is free) to 65535, found {argument!r}")
    return int(argument)


def _path(argument: str) -> Path:
    return Path(_text(argument))


def _emulate(given: argparse.Namespace) -> None:
    from hardware.emulate import emulate

    asyncio.run(emulate(_models(given.model), given.pty if given.tcp is None else given.tcp, given.out, given.memory))


def _models(words: list[str]) -> DeviceModel | dict[str, DeviceModel]:
    """Return the one model, or several by their names. Raises ConfigError for two that cannot share a line."""
    from hardware.benchfile import NAME, check_sharing

    named = [re.fullmatch(rf"(?:({NAME})=)?(.+)", word, re.DOTALL) for word in words]
    pairs = [(match[1], find_model(match[2])) for match in named if match is not None]
    if len(pairs) == 1 and pairs[0][0] is None:
        return pairs[0][1]
    models: dict[str, DeviceModel] = {}
    for name, model in ((name or model.name, model) for name, model in pairs):
        if name in models:
            raise ConfigError(f"{name}: found twice, expected a name for each device: NAME={model.name}")
        try:
            check_sharing(name, model, models)
        except ConfigError as error:
            raise ConfigError(f"{name}: found {model.name}, expected {error}") from error
        models[name] = model
    return models


def _drive(given: argparse.Namespace) -> None:
    import structlog

    from hardware.drive import Decision, drive_port

    model = find_model(given.model)
    if given.text is not None and model.device_class != "printer":
        raise ConfigError(f"--print is for printers, and {model.name} is a {model.device_class} device")
    if (given.accept or given.give_back) and model.device_class != "bill":
        raise ConfigError(f"--accept and --return are for bill acceptors, and {model.name} is a {model.device_class} device")
    if given.pay is not None and model.device_class not in ("bill", "hopper", "changer"):
        raise ConfigError(f"--pay is for devices that pay out, and {model.name} is a {model.device_class} device")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    decision: Decision = "stack" if given.accept else "return" if given.give_back else "hold"
    asyncio.run(drive_port(model, given.port, decision, given.text, given.pay))


def _list(given: argparse.Namespace) -> None:
    import json

    drivers, emulators = registered(DRIVERS), registered(EMULATORS)
    models = list(load_models(models_folder()).values())
    output = Output()
    if given.as_json:
        rows = [
            {
                "model": model.name,
                "class": model.device_class,
                "protocol": model.protocol,
                "driver": model.protocol in drivers,
                "emulator": model.protocol in emulators,
                "description": model.description,
                "confidence": model.confidence,
            }
            for model in models
        ]
        output.line(json.dumps(rows, ensure_ascii=False))
    else:
        rows_of_text = [("model", "class", "protocol", "driver", "emulator", "description")]
        for model in models:
            driver, emulator = ("yes" if model.protocol in there else "no" for there in (drivers, emulators))
            rows_of_text.append((model.name, model.device_class, model.protocol, driver, emulator, model.description))
        widths = [max(map(len, column)) for column in zip(*rows_of_text, strict=True)]
        for row in rows_of_text:
            output.line("  ".join(f"{word:<{width}}" for word, width in zip(row, widths, strict=True)).rstrip())
    if output.failure is not None:
        raise OfflineError(output.failure)


if __name__ == "__main__":
    main()
