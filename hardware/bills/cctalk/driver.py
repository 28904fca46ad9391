"""Host side of ccTalk bill validators.

What events tell about notes is the business of :mod:`.notes`; what to do about it, of :mod:`.service`; one question and its
answer, of :mod:`hardware.cctalk.host`; the line's comings and goings, of :mod:`hardware.polled`.
"""

from hardware.bills.cctalk.service import Service
from hardware.bills.cctalk.unit import Unit
from hardware.bills.host import PolledAcceptor
from hardware.cctalk.events import EventReport
from hardware.cctalk.host import CcTalkHost
from hardware.links.link import Link
from hardware.models import DeviceModel
from hardware.pollsettings import PollSettings


class CcTalkBillDriver(PolledAcceptor[EventReport]):
    """A ccTalk bill validator on a line, shared or its own, in the mode that the model's ``[cctalk]`` says.

    Every note is held in escrow. Denominations change only while no note is inside: one that is on its way in may still be
    one that is no longer wanted, and then the caller returns it. The line's echo is stripped, never a fault. A note found in
    escrow that a former host left is told as NoteInEscrow; one that it had ordered somewhere, as NoteUnaccounted when it has
    arrived.
    """

    def __init__(self, model: DeviceModel, link: Link) -> None:
        """Prepare; opens nothing yet. Raises ConfigError when the model's ``[poll]`` or ``[cctalk]`` cannot be used."""
        poll = PollSettings.from_model(model)
        host = CcTalkHost(model, link, poll.reply_timeout_s)
        super().__init__(model, host.exchange, Service(Unit(host), poll), poll)
