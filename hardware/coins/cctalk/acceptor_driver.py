"""Host side of ccTalk coin acceptors.

What events tell is the business of :mod:`.coinstories`; what to do about it, of :mod:`.acceptor_service`; one question and its
answer, of :mod:`hardware.cctalk.host`; the line's comings and goings, of :mod:`hardware.polled`.
"""

from hardware.cctalk.events import EventReport
from hardware.cctalk.host import CcTalkHost
from hardware.coins.cctalk.acceptor_service import Service
from hardware.coins.host import PolledCoinAcceptor
from hardware.links.link import Link
from hardware.models import DeviceModel
from hardware.pollsettings import PollSettings


class CcTalkCoinDriver(PolledCoinAcceptor[EventReport]):
    """A ccTalk coin acceptor on a line, shared or its own, in the mode that the model's ``[cctalk]`` says.

    A mark is the device's event counter after a coin, with its serial number. A device that restarted is told as
    CoinsUnaccounted once: a coin that it credited after the last poll is gone from its memory.
    """

    def __init__(self, model: DeviceModel, link: Link) -> None:
        """Prepare; opens nothing yet. Raises ConfigError when the model's ``[poll]`` or ``[cctalk]`` cannot be used."""
        poll = PollSettings.from_model(model)
        host = CcTalkHost(model, link, poll.reply_timeout_s)
        super().__init__(model, host.exchange, Service(host, poll), poll)
