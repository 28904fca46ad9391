"""What an SSP host knows of its unit beforehand: ``[host]``, ``[unit]`` and ``[encryption]`` of the device model."""

from dataclasses import dataclass

from hardware.bills.ssp.crypto import DEFAULT_FIXED_KEY
from hardware.bills.ssp.frames import ADDRESS_VALIDATOR, HIGHEST_ADDRESS
from hardware.configfile import ConfigFile
from hardware.models import DeviceModel

HIGHEST_PROTOCOL = 7
"""The highest version whose events the reference describes."""
LOWEST_PROTOCOL = 4


@dataclass(frozen=True)
class Profile:
    """How one unit is spoken to."""

    encrypted: bool = False
    """eSSP: keys are agreed on, and then everything is encrypted."""
    fixed_key: int = DEFAULT_FIXED_KEY
    address: int = ADDRESS_VALIDATOR
    protocol: int = HIGHEST_PROTOCOL
    """The version to begin with; lower ones follow until the unit knows one."""
    poll_with_ack: bool = True
    """Whether to poll so that events about money are repeated until they are acknowledged, where the unit can."""
    escrow_timeout_s: float = 10.0
    """How long an undecided note is kept before it is given back."""
    retry_s: float = 2.0
    """From one vain attempt to bring a unit up to the next, once they are many."""

    @classmethod
    def of_model(cls, model: DeviceModel) -> "Profile":
        """Read a model of protocol ``ssp``. Raises ConfigError."""
        file = ConfigFile(model.path, model.settings)
        host = file.table("host", optional=True)
        host.only("encrypted", "protocol", "poll_with_ack", "escrow_timeout_s")
        key = file.table("encryption", optional=True).text("fixed_key", f"{DEFAULT_FIXED_KEY:016X}")
        try:
            fixed_key = int.from_bytes(bytes.fromhex(key), "big")
        except ValueError:
            fixed_key = 2**64
        if fixed_key >= 2**64:
            raise file.table("encryption").wrong("fixed_key", "16 hexadecimal digits")
        return cls(
            encrypted=host.flag("encrypted", cls.encrypted),
            fixed_key=fixed_key,
            address=file.table("unit", optional=True).whole("address", cls.address, high=HIGHEST_ADDRESS),
            protocol=host.whole("protocol", cls.protocol, low=LOWEST_PROTOCOL, high=HIGHEST_PROTOCOL),
            poll_with_ack=host.flag("poll_with_ack", cls.poll_with_ack),
            escrow_timeout_s=host.number("escrow_timeout_s", cls.escrow_timeout_s, low=1.0),
        )
