"""Models with a figure changed, for tests."""

from dataclasses import replace

from hardware.models import DeviceModel


def changed(model: DeviceModel, table: str, **figures: object) -> DeviceModel:
    """Return ``model`` with other ``figures`` in one of its tables."""
    return replace(model, settings={**model.settings, table: {**model.settings[table], **figures}})
