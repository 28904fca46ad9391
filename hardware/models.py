"""Device models: what differs between two units that speak one protocol, as data in ``config/devices/*.toml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from hardware.configfile import ConfigFile
from hardware.errors import ConfigError

DeviceClass = Literal["bill", "coin", "hopper", "changer", "printer", "card"]


@dataclass(frozen=True)
class DeviceModel:
    """One model of one device."""

    name: str
    """File name without ``.toml``: what bench files and the command line call it."""
    device_class: DeviceClass
    protocol: str
    """Name of the entry point that finds the driver and the emulator: ``id003``, ``escpos``."""
    description: str
    confidence: str
    """How sure we are of this model's figures: the reference page's tag and its reason."""
    settings: Mapping[str, Any]
    """Everything else in the file, read by driver and emulator: tables ``serial``, ``notes``, ``timing``, ``paper`` ..."""
    path: Path

    @property
    def has_wire(self) -> bool:
        """Whether there is a line to it at all; a change machine whose protocol is closed is simulated inside its driver."""
        return self.device_class != "changer" or "serial" in self.settings


def load_model(path: Path) -> DeviceModel:
    """Read one model file. Raises ConfigError naming file, key, what was found and what was expected."""
    file = ConfigFile.read(path)
    _check_conformance(file.table("conformance", optional=True))
    settings = {k: v for k, v in file.data.items() if k not in ("class", "protocol", "description", "confidence")}
    return DeviceModel(
        name=path.stem,
        device_class=file.choice("class", get_args(DeviceClass)),
        protocol=file.text("protocol"),
        description=file.text("description"),
        confidence=file.text("confidence"),
        settings=settings,
        path=path,
    )


def _check_conformance(table: ConfigFile) -> None:
    """Refuse what the conformance kit, which alone reads this table, could not use."""
    table.only("credits_at_lever", "unknown_replies").flag("credits_at_lever", False)
    replies = table.data.get("unknown_replies", [])
    try:
        bytes.fromhex("".join(replies))
    except (TypeError, ValueError) as error:
        raise table.wrong("unknown_replies", "a list of replies in hexadecimal") from error


def load_models(folder: Path) -> dict[str, DeviceModel]:
    """Read every model of a folder, by name, in order of name."""
    return {path.stem: load_model(path) for path in sorted(folder.glob("*.toml"))}


def models_folder() -> Path:
    """Return ``config/devices`` of the working directory, or else the shipped models.

    In a checkout these are its ``config/devices`` again, by a symlink; an installed package has them beside this module.
    """
    here = Path("config/devices")
    return here if here.is_dir() else (Path(__file__).parent / "devices").resolve()


def find_model(name: str) -> DeviceModel:
    """Return a model by its name or by the path of its file. Raises ConfigError with the names there are."""
    if name.endswith(".toml"):
        return load_model(Path(name))
    path = models_folder() / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in models_folder().glob("*.toml")))
        raise ConfigError(f"no model {name!r}, expected one of {known}")
    return load_model(path)
