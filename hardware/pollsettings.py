"""How a host paces one unit: ``[poll]`` of the device model."""

from dataclasses import dataclass

from hardware.configfile import ConfigFile
from hardware.models import DeviceModel


@dataclass(frozen=True)
class PollSettings:
    """``[poll]`` of the device model. The defaults are what hosts in the field use with most protocols [2]."""

    interval_s: float = 0.2
    """From one question to the next."""
    rest_s: float = 0.2
    """The same while a line at rest is watched: a device that does nothing unless told to leaves a shared line to others."""
    reply_timeout_s: float = 0.3
    """How long an answer may take."""
    lost_after: int = 3
    """So many unanswered polls in a row mean that the unit is off line."""
    hold_renew_s: float = 4.0
    """How often a hold is renewed, where the protocol has one; well under the unit's escrow time-out."""

    @classmethod
    def from_model(cls, model: DeviceModel) -> "PollSettings":
        """Read the table; what is missing keeps its default. Raises ConfigError."""
        poll = ConfigFile(model.path, model.settings).table("poll", optional=True)
        poll.only("interval_s", "rest_s", "reply_timeout_s", "lost_after", "hold_renew_s")
        interval_s = poll.number("interval_s", cls.interval_s, low=0.01)
        return cls(
            interval_s=interval_s,
            rest_s=poll.number("rest_s", interval_s, low=interval_s),
            reply_timeout_s=poll.number("reply_timeout_s", cls.reply_timeout_s, low=0.01),
            lost_after=poll.whole("lost_after", cls.lost_after, low=1),
            hold_renew_s=poll.number("hold_renew_s", cls.hold_renew_s, low=0.1),
        )
