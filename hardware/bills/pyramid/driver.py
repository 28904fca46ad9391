"""Host side of Pyramid RS-232: EBDS standard messages with fewer bits."""

from hardware.bills.ebds.driver import EbdsFamilyDriver
from hardware.bills.ebds.profile import Profile
from hardware.links.link import Link
from hardware.models import DeviceModel


class PyramidDriver(EbdsFamilyDriver):
    """A Pyramid bill validator on a line. What its bill types are worth stands in the model, not on the wire.

    The protocol has no hold: an undecided note waits for as long as the unit lets it.
    """

    def __init__(self, model: DeviceModel, link: Link) -> None:
        """Prepare; opens nothing yet. Raises ConfigError when the model's ``[[notes]]`` or ``[poll]`` cannot be used."""
        super().__init__(model, link, Profile.pyramid(model))
