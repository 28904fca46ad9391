"""Host side of SSP and eSSP.

What a poll's events tell about notes is the business of :mod:`.notes`; what is asked and what is done about the answers, of
:mod:`.service`; the sequence flag and the encryption, of :mod:`.conversation`; the line's comings and goings, of
:mod:`hardware.bills.host`.
"""

from random import Random

from hardware.bills.host import PolledAcceptor
from hardware.bills.ssp.conversation import Conversation, Heard
from hardware.bills.ssp.frames import Packet, Splitter
from hardware.bills.ssp.profile import Profile
from hardware.bills.ssp.service import Service
from hardware.links.link import Link
from hardware.models import DeviceModel
from hardware.pollsettings import PollSettings
from hardware.wire.exchange import Exchange


class SspDriver(PolledAcceptor[Heard]):
    """An SSP bill validator on a line; eSSP when the model's ``[host]`` says ``encrypted = true``.

    SSP has no word for a box that is nearly full. An undecided note goes back after ``[host] escrow_timeout_s``. Payout
    commands are not used: a unit with a payout reports another set-up and is told as a unit without a readable table.
    """

    def __init__(self, model: DeviceModel, link: Link, random: Random | None = None) -> None:
        """Prepare; opens nothing yet. ``random`` makes the keys: the line's dice unless a test wants them known.

        Raises ConfigError when the model's ``[host]``, ``[unit]``, ``[encryption]`` or ``[poll]`` cannot be used.
        """
        poll = PollSettings.from_model(model)
        profile = Profile.of_model(model)
        source = link.dice if random is None else random
        exchange = Exchange[Packet](link, Splitter(), poll.reply_timeout_s)
        self._ssp = Service(Conversation(exchange, profile.address, source), profile, source)
        super().__init__(model, exchange, self._ssp, poll)

    @property
    def serial_number(self) -> int | None:
        """The unit's own; None before it was read, or when it does not say. Read again after every gap."""
        facts = self._ssp.facts
        return None if facts is None else facts.serial

    @property
    def firmware(self) -> str:
        """Four characters, ``0433`` is version 4.33; empty before they were read."""
        facts = self._ssp.facts
        return "" if facts is None else facts.firmware
