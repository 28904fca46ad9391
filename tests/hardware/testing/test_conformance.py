"""The contract, run over every protocol's driver and emulator in memory: written apart, they have to agree in everything."""

from hardware.benchfile import load_bench
from hardware.models import load_models, models_folder
from hardware.protocols import DRIVERS, registered
from hardware.testing import conformance

BENCH = models_folder().parent / "benches" / "conformance-memory.toml"
NO_CASH = {"escpos"}

globals().update(conformance.checks())


def test_every_protocol_of_a_cash_device_is_on_the_bench() -> None:
    on_bench = {spec.model.protocol for spec in load_bench(BENCH, load_models(models_folder()))}
    assert on_bench == set(registered(DRIVERS)) - NO_CASH
