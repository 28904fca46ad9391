"""The contract, run over every protocol's driver and emulator in memory: written apart, they have to agree in everything."""

from hardware.models import models_folder
from hardware.testing import conformance

BENCH = models_folder().parent / "benches" / "conformance-memory.toml"

globals().update(conformance.checks())
