"""Host side of ID-003, in polled or interrupt mode.

What a status tells about notes is the business of :mod:`.notes`; what to do about it, of :mod:`.service`; the line's comings
and goings, of :mod:`hardware.bills.host`.
"""

from hardware.bills.host import PolledAcceptor
from hardware.bills.id003.drums import Drums, boxes_from_model
from hardware.bills.id003.frames import Frame, Splitter
from hardware.bills.id003.options import HostOptions
from hardware.bills.id003.recycler import Id003Dispenser
from hardware.bills.id003.service import Service
from hardware.bills.id003.unit import Unit
from hardware.links.link import Link
from hardware.models import DeviceModel
from hardware.pollsettings import PollSettings
from hardware.wire.exchange import Exchange


class Id003Driver(PolledAcceptor[Frame]):
    """An ID-003 bill validator on a line.

    While a note waits in escrow, ``enable`` and ``disable`` are held back until it has left: whether a unit keeps a note
    through INHIBIT is not documented [U]. A note whose escrow code is missing in the unit's own table is sent back and told
    as refused. A HOLDING left by a former host carries no value: the note is awaited, at last sent back, and told as
    NoteUnaccounted, unless the unit falls back to ESCROW and so names it. A barcode ticket is worth nothing here: it goes
    back, told as refused.

    A model with ``[recycler]`` has a :attr:`dispenser`, served on the same line by the same polls.
    """

    dispenser: Id003Dispenser | None

    def __init__(self, model: DeviceModel, link: Link) -> None:
        """Prepare; opens nothing yet. Raises ConfigError when the model's ``[poll]``, ``[host]`` or ``[recycler]`` cannot be
        used."""
        poll = PollSettings.from_model(model)
        exchange = Exchange[Frame](link, Splitter(), poll.reply_timeout_s)
        unit = Unit(exchange)
        boxes = boxes_from_model(model)
        drums = None if boxes is None else Drums(unit, boxes)
        self.dispenser = None if drums is None else Id003Dispenser(drums)
        self._id003 = Service(unit, poll, HostOptions.from_model(model), drums)
        super().__init__(model, exchange, self._id003, poll)

    async def close(self) -> None:
        await super().close()
        if self.dispenser is not None:
            self.dispenser.line_is(self.status)

    def _publish(self) -> None:
        super()._publish()
        if self.dispenser is not None:
            self.dispenser.line_is(self.status)

    @property
    def firmware(self) -> str | None:
        """What the unit calls its firmware; None when it has not said (it is asked on a plain POWER UP only)."""
        return self._id003.firmware
