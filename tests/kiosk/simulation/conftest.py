"""The same configuration as for the tests of the whole kiosk."""

from tests.kiosk.whole.conftest import _quiet_log, change_config

__all__ = ["_quiet_log", "change_config"]
