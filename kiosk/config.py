"""Everything an installer edits, read and checked in one place before anything starts."""

import re
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from hardware.benchfile import DeviceSpec, load_bench
from hardware.configfile import ConfigFile
from hardware.errors import ConfigError
from hardware.links.memory import memory_line
from hardware.links.nowire import NoWire
from hardware.links.port import SerialSettings
from hardware.models import DeviceModel, load_models
from hardware.protocols import make_driver, make_emulator
from kiosk.businesshours import BusinessHours
from kiosk.gatewayline import SIMULATOR, GatewayAddress, read_address
from kiosk.languages import Language, load_languages
from kiosk.ledger.businessdate import ChangeOfDay
from kiosk.receipts.registration import doubts
from kiosk.receipts.stamp import STAMP_FROM_YEN
from kiosk.receipts.store import StampRule, StoreHeader
from kiosk.session.shop import Shop
from kiosk.stafflogin import MOST_PERSONS
from kiosk.topup.catalogue import Catalogue, load_catalogue
from kiosk.topup.simulator.registry import load_registry

NOTES_YEN = (1000, 2000, 5000, 10000)
COINS_YEN = (10, 50, 100, 500)
MOST_PIECES = 10_000
"""More than any hopper holds; a float beyond it is a slip of the pen."""


@dataclass(frozen=True)
class KioskConfig:
    """One terminal, as its config folder says."""

    folder: Path
    kiosk_id: str
    shop: Shop
    store: StoreHeader
    catalogue: Catalogue
    languages: dict[str, Language]
    bench: list[DeviceSpec]
    gateway: GatewayAddress
    business: BusinessHours
    opening_floats: dict[str, dict[int, int]]
    """By device: pieces in it before the first payout, by yen value; for devices that do not count."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an installer should look at, though the kiosk starts: told in its log at every start."""
        doubt = doubts(self.store.registration, fictional=self.store.fictional)
        return (f"{self.folder / 'terminal.toml'}: [store] registration: {doubt}",) if doubt else ()


def default_folder() -> Path:
    """Return ``config`` of the working directory, or else of the checkout this package runs from."""
    here = Path("config")
    return here if (here / "terminal.toml").is_file() else Path(__file__).resolve().parent.parent / "config"


def load_config(folder: Path, bench: Path | None = None) -> KioskConfig:
    """Read a config folder; ``bench`` overrides the bench file it names. Raises ConfigError for any mistake in any file."""
    file = ConfigFile.read(folder / "terminal.toml").only("kiosk", "store", "gateway", "simulation", "float", "business")
    kiosk = file.table("kiosk").only("id", "bench", "denominations", "coins")
    kiosk_id = kiosk.text("id")
    if not re.fullmatch(r"[A-Z0-9]{8}", kiosk_id):
        raise kiosk.wrong("id", "eight of A-Z and 0-9")
    notes, coins = kiosk.data.get("denominations"), kiosk.data.get("coins", [])
    if not isinstance(notes, list) or not notes or any(note not in NOTES_YEN for note in notes):
        raise kiosk.wrong("denominations", f"a list of some of {', '.join(map(str, NOTES_YEN))}")
    if not isinstance(coins, list) or any(coin not in COINS_YEN for coin in coins):
        raise kiosk.wrong("coins", f"a list of some of {', '.join(map(str, COINS_YEN))}, or an empty one")
    catalogue = load_catalogue(folder / "carriers")
    bench_path = bench or folder / "benches" / f"{kiosk.text('bench')}.toml"
    if not bench_path.is_file():
        raise (
            kiosk.wrong("bench", f"a file of {folder / 'benches'}") if bench is None else ConfigError(f"{bench}: no such file")
        )
    devices = load_devices(bench_path, load_models(folder / "devices"))
    gateway = read_address(file.table("gateway"), folder)
    if gateway.url == SIMULATOR:
        load_registry(folder / "simulator.toml", [carrier.id for carrier in catalogue.carriers])
    store = _store(file.table("store"))
    _stay_below_the_stamp(folder, store, catalogue)
    return KioskConfig(
        folder=folder,
        kiosk_id=kiosk_id,
        shop=Shop(
            carriers={carrier.id: dict(carrier.name) for carrier in catalogue.carriers},
            denominations=frozenset(notes),
            coins=frozenset(coins),
            allow_unassigned=file.table("simulation").only("allow_unassigned").flag("allow_unassigned"),
        ),
        store=store,
        catalogue=catalogue,
        languages=load_languages(folder / "languages"),
        bench=devices,
        gateway=gateway,
        opening_floats=_floats(file.table("float", optional=True)),
        business=_business(file.table("business")),
    )


def _business(table: ConfigFile) -> BusinessHours:
    table.only("change_of_day", "closes_by_itself", "persons_to_collect")
    text = table.text("change_of_day")
    if not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise table.wrong("change_of_day", 'a time of day such as "05:00"')
    return BusinessHours(
        change=ChangeOfDay(time.fromisoformat(text)),
        closes_by_itself=table.flag("closes_by_itself"),
        persons_to_collect=table.whole("persons_to_collect", low=1, high=MOST_PERSONS),
    )


def _floats(table: ConfigFile) -> dict[str, dict[int, int]]:
    """Read ``[float]``. It may name devices of other benches than the one chosen: terminals of a chain share the file."""
    floats: dict[str, dict[int, int]] = {}
    for device in table.data:
        pieces = table.table(device)
        floats[device] = {}
        for yen in pieces.data:
            if not yen.isdecimal() or int(yen) not in (*COINS_YEN, *NOTES_YEN):
                raise pieces.wrong(yen, f"one of {', '.join(map(str, (*COINS_YEN, *NOTES_YEN)))}")
            floats[device][int(yen)] = pieces.whole(yen, low=0, high=MOST_PIECES)
    return floats


def load_devices(path: Path, models: dict[str, DeviceModel]) -> list[DeviceSpec]:
    """Read a bench file that a kiosk can work with. Raises ConfigError.

    Every driver and emulator reads its model now: a mistake in it must stop the start, not a device after it.
    """
    devices = load_bench(path, models)
    classes = {spec.model.device_class for spec in devices}
    if "printer" not in classes:
        raise ConfigError(f"{path}: devices: found none of class printer, expected one")
    if not classes & {"bill", "coin", "changer"}:
        raise ConfigError(f"{path}: devices: found none that takes money, expected one of class bill, coin or changer")
    for spec in devices:
        if spec.link == "simulated":
            make_driver(spec.model, NoWire(spec.name))
            continue
        SerialSettings.from_config(ConfigFile(spec.model.path, spec.model.settings).table("serial"))
        make_driver(spec.model, memory_line(spec.name)[0])
        if spec.link != "serial":
            make_emulator(spec.model)
    return devices


def _store(table: ConfigFile) -> StoreHeader:
    table.only("chain", "store", "address", "telephone", "registration", "help_line", "fictional", "stamp")
    registration = table.data.get("registration", "")
    if not isinstance(registration, str) or not re.fullmatch(r"(T[0-9]{13})?", registration):
        raise table.wrong("registration", "T and 13 digits, or an empty text")
    return StoreHeader(
        chain=table.text("chain"),
        store=table.text("store"),
        address=table.text("address"),
        telephone=table.text("telephone"),
        registration=registration,
        help_line=table.text("help_line"),
        fictional=table.flag("fictional"),
        stamp=table.choice("stamp", tuple(StampRule)) if "stamp" in table.data else StampRule.BELOW,
    )


def _stay_below_the_stamp(folder: Path, store: StoreHeader, catalogue: Catalogue) -> None:
    """Refuse a plan whose receipt would need a revenue stamp, unless receipts are to have a box for it."""
    if store.stamp is StampRule.BOX:
        return
    for plan in (plan for carrier in catalogue.carriers for plan in carrier.plans):
        if plan.price_yen >= STAMP_FROM_YEN:
            raise ConfigError(
                f"{folder / 'carriers' / plan.carrier}.toml: {plan.id}: price_yen: found {plan.price_yen}, expected less than "
                f'{STAMP_FROM_YEN}: its receipt would need a revenue stamp (or stamp = "{StampRule.BOX}" in terminal.toml)'
            )
