"""Host side of CCNET.

What a poll code tells about notes is the business of :mod:`.notes`; what to do about it, of :mod:`.service`; the line's
comings and goings, of :mod:`hardware.bills.host`.
"""

from hardware.bills.ccnet.frames import Address, Frame, Splitter
from hardware.bills.ccnet.service import Service
from hardware.bills.ccnet.tables import Identification
from hardware.bills.ccnet.unit import Unit
from hardware.bills.host import PolledAcceptor
from hardware.configfile import ConfigFile
from hardware.links.link import Link
from hardware.models import DeviceModel
from hardware.pollsettings import PollSettings
from hardware.wire.exchange import Exchange


class CcnetDriver(PolledAcceptor[Frame]):
    """A CCNET bill validator on a line; its address is 03 unless the model's ``[ccnet]`` says otherwise.

    Every note is held in escrow. Denominations change only at rest: a note that is already on its way in may still be one
    that is no longer wanted, and then the caller returns it. A note found in escrow whose value cannot be read any more is
    given back and told as NoteUnaccounted.
    """

    def __init__(self, model: DeviceModel, link: Link) -> None:
        """Prepare; opens nothing yet. Raises ConfigError when the model's ``[poll]`` or ``[ccnet]`` cannot be used."""
        poll = PollSettings.from_model(model)
        line = ConfigFile(model.path, model.settings).table("ccnet", optional=True).only("address")
        exchange = Exchange[Frame](link, Splitter(), poll.reply_timeout_s)
        unit = Unit(exchange, line.whole("address", Address.BILL_VALIDATOR, high=255))
        self._ccnet = Service(unit, poll)
        super().__init__(model, exchange, self._ccnet, poll)

    @property
    def identification(self) -> Identification | None:
        """Part and serial number; None when the unit has not said."""
        return self._ccnet.identification
