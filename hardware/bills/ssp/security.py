"""The device's end of eSSP: the keys it has agreed on, the count, and what it does when they do not fit.

The mathematics are in :mod:`~hardware.bills.ssp.crypto`; this is a unit's behaviour [R where two hosts showed it]:

* keys live in memory only: a restart loses them, and encrypted packets then get KEY NOT SET;
* a packet that opens but has the wrong count is discarded without an answer;
* a packet that does not open was made with another key: no answer, and the unit is out of service until a reset.

[U]: a new fixed key holds from the next key exchange on; a generator or a modulus that is set anew leaves the agreed key alone.
"""

from enum import Enum
from random import Random

from hardware.bills.ssp.commands import Reply
from hardware.bills.ssp.crypto import (
    COUNTS,
    DEFAULT_FIXED_KEY,
    AesLayer,
    aes_key,
    decode_key,
    encode_key,
    exchanged_key,
    intermediate_key,
    is_prime,
    pick_secret,
)


class Encryption(Enum):
    """What a unit makes of eSSP."""

    NONE = "none"
    """It does not know it."""
    OPTIONAL = "optional"
    """It answers encrypted packets encrypted and plain ones plain."""
    REQUIRED = "required"
    """Key-enabled: polls and payout commands must be encrypted."""


class Misfit(Enum):
    """Why an encrypted packet gets no answer."""

    KEY = "key"
    """It was made with another key."""
    COUNT = "count"
    """It opens, but has another count than the unit waits for."""


class DeviceSecurity:
    """Keys and count of one unit."""

    def __init__(self, encryption: Encryption, fixed_key: int, random: Random) -> None:
        self.encryption = encryption
        self.fixed_key = fixed_key
        """Outlives a power cut."""
        self._random = random
        self._generator = self._modulus = 0
        self._layer: AesLayer | None = None
        self._count = 0

    @property
    def required(self) -> bool:
        """Whether polls and payout commands must be encrypted."""
        return self.encryption is Encryption.REQUIRED

    @property
    def has_key(self) -> bool:
        """Whether a key is agreed on."""
        return self._layer is not None

    def forget(self) -> None:
        """Lose everything that lives in memory."""
        self._generator = self._modulus = self._count = 0
        self._layer = None

    def skip_counts(self, counts: int) -> None:
        """Let the count run off, as a fault does."""
        self._count = (self._count + counts) % COUNTS

    # -- commands ------------------------------------------------------------------------------------------------------

    def set_generator(self, data: bytes) -> bytes:
        """Answer SET GENERATOR."""
        number = decode_key(data)
        if not is_prime(number):
            return bytes((Reply.OUT_OF_RANGE,))
        self._generator = number
        return bytes((Reply.OK,))

    def set_modulus(self, data: bytes) -> bytes:
        """Answer SET MODULUS."""
        number = decode_key(data)
        if not is_prime(number):
            return bytes((Reply.OUT_OF_RANGE,))
        self._modulus = number
        return bytes((Reply.OK,))

    def exchange(self, data: bytes) -> bytes:
        """Answer REQUEST KEY EXCHANGE: from now on there is a key, and the count is 0."""
        if not self._generator or not self._modulus:
            return bytes((Reply.FAIL,))
        secret = pick_secret(self._random, self._modulus)
        self._layer = AesLayer(aes_key(self.fixed_key, exchanged_key(decode_key(data), self._modulus, secret)))
        self._count = 0
        return bytes((Reply.OK,)) + encode_key(intermediate_key(self._generator, self._modulus, secret))

    def set_fixed_key(self, data: bytes) -> bytes:
        """Answer SET FIXED KEY."""
        self.fixed_key = decode_key(data)
        return bytes((Reply.OK,))

    def reset_fixed_key(self) -> None:
        """Back to the key from the factory."""
        self.fixed_key = DEFAULT_FIXED_KEY

    # -- the layer -----------------------------------------------------------------------------------------------------

    def open(self, data: bytes) -> "tuple[bytes, Sealer] | Misfit":
        """Return what an encrypted packet holds, and what seals the answer; without a key, nothing fits.

        The answer is sealed with the key that the question came under, also when it changes the key.
        """
        layer = self._layer
        opened = layer.open(data) if layer is not None else None
        if layer is None or opened is None:
            return Misfit.KEY
        if opened.count != self._count:
            return Misfit.COUNT
        self._count = (self._count + 1) % COUNTS
        return opened.data, Sealer(layer, self._count, self._random)


class Sealer:
    """Seals one answer."""

    def __init__(self, layer: AesLayer, count: int, random: Random) -> None:
        self._layer, self._count, self._random = layer, count, random

    def seal(self, reply: bytes) -> bytes:
        """Return the DATA of the encrypted answer."""
        return self._layer.seal(reply, self._count, self._random)
