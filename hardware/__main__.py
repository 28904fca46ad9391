"""``python -m hardware``: emulate a device, drive one, list the models. JSON lines on standard output, nothing else."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from hardware.drive import Decision, drive_port
from hardware.emulate import emulate_on_pty
from hardware.errors import DeviceError
from hardware.models import DeviceModel, find_model, load_models, models_folder
from hardware.protocols import DRIVERS, EMULATORS, registered

app = typer.Typer(help="Emulated devices on pseudo ports, and drivers on any port.", no_args_is_help=True, add_completion=False)


def _model(name: str) -> DeviceModel:
    try:
        return find_model(name)
    except DeviceError as error:
        raise typer.BadParameter(str(error)) from error


@app.command()
def emulate(
    model: Annotated[str, typer.Argument(help="a model's name (see list) or the path of its TOML file")],
    pty: Annotated[Path, typer.Option(help="symlink to make to the port that a host opens")],
    out: Annotated[Path | None, typer.Option(help="folder for what a printer prints (PNG)")] = None,
) -> None:
    """Be a device on a pty. Commands on standard input (help lists them); ends with the input or on SIGTERM."""
    chosen = _model(model)
    try:
        asyncio.run(emulate_on_pty(chosen, pty, out))
    except DeviceError as error:
        sys.exit(f"hardware: {error}")


@app.command()
def drive(
    model: Annotated[str, typer.Argument(help="a model's name (see list) or the path of its TOML file")],
    port: Annotated[str, typer.Option(help="the serial port, or an emulator's pty")],
    accept: Annotated[bool, typer.Option("--accept", help="stack every note")] = False,
    give_back: Annotated[bool, typer.Option("--return", help="return every note")] = False,
    text: Annotated[str | None, typer.Option("--print", help="a line for a printer to print and cut")] = None,
) -> None:
    """Drive a device and print its events. Notes are held in escrow unless --accept or --return says more; ends on Ctrl-C."""
    if accept and give_back:
        raise typer.BadParameter("--accept and --return exclude each other")
    chosen = _model(model)
    decision: Decision = "stack" if accept else "return" if give_back else "hold"
    asyncio.run(drive_port(chosen, port, decision, text))


@app.command("list")
def list_models(as_json: Annotated[bool, typer.Option("--json", help="one JSON array")] = False) -> None:
    """List the models: class, protocol, and whether there is a driver and an emulator."""
    drivers, emulators = registered(DRIVERS), registered(EMULATORS)
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
        for model in load_models(models_folder()).values()
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    print(f"{'model':<20} {'class':<8} {'protocol':<9} {'driver':<7} {'emulator':<9} description")
    for row in rows:
        there = {True: "yes", False: "no"}
        print(
            f"{row['model']:<20} {row['class']:<8} {row['protocol']:<9} {there[bool(row['driver'])]:<7} "
            f"{there[bool(row['emulator'])]:<9} {row['description']}"
        )


if __name__ == "__main__":
    app()
