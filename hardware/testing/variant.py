"""A model with other figures, for a check that would otherwise need five hundred notes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hardware.benchfile import DeviceSpec
from hardware.testing.notrun import NotRun


def changed(spec: DeviceSpec, tables: Mapping[str, Mapping[str, Any]]) -> DeviceSpec:
    """Return ``spec`` with figures of its model changed, table by table. Raises NotRun where the model is not ours to change:
    an emulator in another process reads its own file, a real unit is as it is."""
    if spec.link != "memory":
        raise NotRun(f"only an emulator in memory can be given other figures ({', '.join(tables)})")
    settings = dict(spec.model.settings)
    for table, figures in tables.items():
        settings[table] = {**settings.get(table, {}), **figures}
    return replace(spec, model=replace(spec.model, settings=settings))
