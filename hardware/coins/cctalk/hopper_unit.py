"""The ccTalk hopper as the driver sees it: each question of the protocol as one method.

Source: the reference on ccTalk. Dispense, status and test are [1]; the cipher's headers and the count of all coins [U]; nothing
here was run against an independent host. What stands in the status of the level sensors is [1].
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from hardware.bills.orders import Answer
from hardware.cctalk.codes import FaultCode
from hardware.cctalk.headers import Header
from hardware.cctalk.host import TRIES, CcTalkHost, NoAnswer
from hardware.cctalk.ids import COIN_ID_LENGTH, read_coin_id
from hardware.coins.cctalk.hopper_outcome import STATUS_LENGTH, HopperStatus
from hardware.vocabulary import Fault

Security = Literal["serial", "cipher", "none"]
SECURITIES: tuple[Security, ...] = ("serial", "cipher", "none")

ENABLE = 0xA5
"""[1]; anything else disables [U]."""
KEY_LENGTH = 8
DUMMY = bytes(KEY_LENGTH)
"""What a hopper of the "NO" kind is given in place of a key [U]."""
OVERCURRENT, JAMMED = 1, 4
"""Bits of TEST_HOPPER's first byte [1]."""
IS_LOW, HAS_LOW = 1, 16
"""Bits of REQUEST_PAYOUT_HIGH_LOW: below the low sensor; a low sensor is fitted [1]."""


@dataclass(frozen=True, slots=True)
class Health:
    """What a hopper says of itself, at rest."""

    check: int
    """Fault code of its self-check."""
    flags: int
    """First byte of TEST_HOPPER; 0 where it does not tell."""
    low: bool | None
    """Below its low sensor; None without one."""

    @property
    def fault(self) -> Fault | None:
        """The trouble that it is in. A time-out is a hopper run empty, unless it knows of a jam or of coins [U]."""
        match self.check:
            case FaultCode.OK:
                return None
            case FaultCode.PAYOUT_TIMEOUT:
                return Fault.PAYOUT_JAM if self._is_jammed or self.low is False else Fault.PAYOUT_EMPTY
            case FaultCode.PAYOUT_JAMMED:
                return Fault.PAYOUT_JAM
            case FaultCode.PAYOUT_MOTOR:
                return Fault.MOTOR_FAILURE
            case _:
                return Fault.DEVICE_FAILURE

    @property
    def why_stopped(self) -> Fault | None:
        """The likely reason for coins that an order left unpaid."""
        if self.fault is not None:
            return self.fault
        if self._is_jammed:
            return Fault.PAYOUT_JAM
        return Fault.PAYOUT_EMPTY if self.low else None

    @property
    def _is_jammed(self) -> bool:
        return bool(self.flags & (OVERCURRENT | JAMMED))


class Unit:
    """Asks one hopper. No method raises for anything that the line can say or fail to say."""

    def __init__(self, host: CcTalkHost, security: Security) -> None:
        self._host = host
        self.security = security

    @property
    def is_spared(self) -> bool:
        """Whether it has been silent for so long that the line is left to others for a moment."""
        return self._host.is_spared

    async def status(self, tries: int = TRIES) -> HopperStatus | None:
        """Read counter, remaining, paid and unpaid; None when nothing valid came."""
        answer = await self._host.ask(Header.REQUEST_HOPPER_STATUS, sizes=(STATUS_LENGTH,), tries=tries)
        return HopperStatus.decode(answer) if isinstance(answer, bytes) else None

    async def watch(self, quiet: HopperStatus, until_s: float, first_s: float, interval_s: float) -> None:
        """Read the same again and again while it is ``quiet``; see :meth:`CcTalkHost.watch`."""
        await self._host.watch(Header.REQUEST_HOPPER_STATUS, quiet.encode(), until_s, first_s, interval_s)

    async def status_for_sure(self) -> HopperStatus | None:
        """The same, when the same came twice."""
        answer = await self._host.ask_alike(Header.REQUEST_HOPPER_STATUS, sizes=(STATUS_LENGTH,))
        return HopperStatus.decode(answer) if isinstance(answer, bytes) else None

    async def serial(self) -> bytes | NoAnswer:
        """Read the serial number as it goes over the line."""
        return await self._host.ask_alike(Header.REQUEST_SERIAL_NUMBER, sizes=(3,))

    async def coin_yen(self) -> int | None:
        """Read what its coins are worth; None when it does not say."""
        answer = await self._host.ask_alike(Header.REQUEST_HOPPER_COIN, sizes=(0, COIN_ID_LENGTH))
        coin = read_coin_id(answer) if isinstance(answer, bytes) else None
        return None if coin is None else coin.value

    async def total(self) -> int | None:
        """Read how many coins it ever paid; None when it does not count them."""
        answer = await self._host.ask_alike(Header.REQUEST_HOPPER_DISPENSE_COUNT, sizes=(3,))
        return int.from_bytes(answer, "little") if isinstance(answer, bytes) else None

    async def health(self) -> Health | None:
        """Ask how it is, at rest; None when its self-check was not answered."""
        check = await self._number(Header.PERFORM_SELF_CHECK, (1, 2))
        if check is None:
            return None
        levels = await self._number(Header.REQUEST_PAYOUT_HIGH_LOW, (1,))
        low = bool(levels & IS_LOW) if levels is not None and levels & HAS_LOW else None
        return Health(check, await self._number(Header.TEST_HOPPER, (1, 2, 3)) or 0, low)

    async def _number(self, header: Header, sizes: Collection[int]) -> int | None:
        answer = await self._host.ask(header, sizes=sizes)
        return answer[0] if isinstance(answer, bytes) else None

    async def enable(self, *, on: bool) -> Answer:
        """Let orders through, or none."""
        return await self._host.order(Header.ENABLE_HOPPER, bytes((ENABLE if on else 0,)))

    async def key(self, serial: bytes | None, salt: str) -> bytes | None:
        """Return the security bytes of the next order; None when the hopper did not give any.

        The 8 bytes that a cipher hopper wants from the host are chance to it and derived from ``salt`` here, so that a
        simulated day can be repeated; its own key is what protects it [U].
        """
        if self.security == "serial":
            return serial
        if self.security == "none":
            return DUMMY
        chance = hashlib.sha256(salt.encode("utf-8")).digest()[:KEY_LENGTH]
        if await self._host.order(Header.PUMP_RNG, chance) is not Answer.DONE:
            return None
        answer = await self._host.ask(Header.REQUEST_CIPHER_KEY, sizes=(KEY_LENGTH,))
        return answer if isinstance(answer, bytes) else None

    async def dispense(self, key: bytes, count: int) -> Answer:
        """Order ``count`` coins, once. The answer is ACK or, at some hoppers, the event counter [2]."""
        answer = await self._host.ask(Header.DISPENSE_HOPPER_COINS, key + bytes((count,)), (0, 1), tries=1)
        if isinstance(answer, bytes):
            return Answer.DONE
        return Answer.SILENT if answer is NoAnswer.SILENT else Answer.REFUSED

    async def stop(self) -> None:
        """Stop the order under way; the rest of it stays unpaid [U]."""
        await self._host.ask(Header.EMERGENCY_STOP, sizes=(0, 1))
