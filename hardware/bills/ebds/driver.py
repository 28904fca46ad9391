"""Host side of EBDS.

What a status tells about notes is the business of :mod:`.notes`; what is ordered, of :mod:`.service`; the acknowledgement
bit, of :mod:`.conversation`; the line's comings and goings, of :mod:`hardware.bills.host`.
"""

from collections.abc import Mapping

from hardware.bills.ebds.conversation import Conversation
from hardware.bills.ebds.extended import Item
from hardware.bills.ebds.frames import Frame, Splitter
from hardware.bills.ebds.profile import Profile
from hardware.bills.ebds.service import Service
from hardware.bills.host import PolledAcceptor
from hardware.links.link import Link
from hardware.models import DeviceModel
from hardware.pollsettings import PollSettings
from hardware.wire.exchange import Exchange


class EbdsFamilyDriver(PolledAcceptor[Frame]):
    """A bill validator with the EBDS framer on a line; ``profile`` says with which habits."""

    def __init__(self, model: DeviceModel, link: Link, profile: Profile) -> None:
        """Prepare; opens nothing yet. Raises ConfigError when the model's ``[poll]`` cannot be used."""
        poll = PollSettings.from_model(model)
        exchange = Exchange[Frame](link, Splitter(mask_parity=True), poll.reply_timeout_s)
        self.holds = profile.extended
        self._ebds = Service(Conversation(exchange, repeats=profile.repeats_answers), profile)
        super().__init__(model, exchange, self._ebds, poll)

    @property
    def identity(self) -> Mapping[Item, str]:
        """What the unit has said of itself: type, serial number, application and variant, by the question."""
        return self._ebds.identity


class EbdsDriver(EbdsFamilyDriver):
    """An EBDS bill validator on a line, with extended notes unless the model's ``[host]`` says otherwise.

    The wire names no reason for a refusal, and one jam for all places: both are told as unknown. Denominations change only
    while nothing is inside.
    """

    def __init__(self, model: DeviceModel, link: Link) -> None:
        """Prepare; opens nothing yet. Raises ConfigError when the model's ``[host]`` or ``[poll]`` cannot be used."""
        super().__init__(model, link, Profile.ebds(model))
