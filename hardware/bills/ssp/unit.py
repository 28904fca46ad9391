"""The SSP unit as the driver sees it: what is asked and agreed before it is polled."""

from dataclasses import dataclass
from random import Random

import structlog

from hardware.bills.ssp.commands import Command, Reply
from hardware.bills.ssp.conversation import Conversation
from hardware.bills.ssp.crypto import (
    AesLayer,
    aes_key,
    decode_key,
    encode_key,
    exchanged_key,
    intermediate_key,
    pick_primes,
    pick_secret,
)
from hardware.bills.ssp.events import EXPANDED_FROM
from hardware.bills.ssp.messages import UNIT_VALIDATOR, Setup
from hardware.bills.ssp.profile import LOWEST_PROTOCOL, Profile
from hardware.vocabulary import Fault
from hardware.wire.codes import name_of

CURRENCY = "JPY"
HIGHEST_CHANNEL = 16
"""What SET INHIBITS can name."""
HIGHEST_YEN = 1_000_000
"""A forged value must not make a number of ten digits and call it money."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class UnitFacts:
    """What a unit said of itself."""

    serial: int | None
    """None when it does not say."""
    firmware: str
    version: int
    """The protocol version that holds from now on."""
    worth_yen: dict[int, int]
    """By channel."""


async def bring_up(conversation: Conversation, profile: Profile, random: Random) -> UnitFacts | Fault | None:
    """Agree on keys, on the protocol's version, and read serial number and table. Nothing here moves a note.

    Returns a fault when the unit answers and cannot be served as it is, None when it did not answer.
    """
    if profile.encrypted:
        trouble = await _agree_on_keys(conversation, profile.fixed_key, random)
        if trouble is not None:
            return None if trouble is Fault.NO_ANSWER else trouble
    version = 0
    for wanted in range(profile.protocol, LOWEST_PROTOCOL - 1, -1):
        heard = await conversation.say(bytes((Command.HOST_PROTOCOL_VERSION, wanted)))
        if heard is None:
            return None
        if heard.code == Reply.KEY_NOT_SET:
            return Fault.DEVICE_FAILURE
        if heard.ok:
            version = wanted
            break
    heard = await conversation.say(bytes((Command.GET_SERIAL_NUMBER,)))
    if heard is None:
        return None
    serial = int.from_bytes(heard.data, "big") if heard.ok and len(heard.data) == 4 else None
    heard = await conversation.say(bytes((Command.SETUP_REQUEST,)))
    if heard is None:
        return None
    try:
        setup = Setup.decode(heard.data) if heard.ok else None
    except ValueError as error:
        _log.warning("ssp_setup_unreadable", why=str(error))
        setup = None
    worth_yen = {} if setup is None else _worth_yen(setup)
    if setup is None or not worth_yen:
        return Fault.UNKNOWN_TABLE
    return UnitFacts(serial, setup.firmware, version or setup.protocol, worth_yen)


def _worth_yen(setup: Setup) -> dict[int, int]:
    if setup.unit_type != UNIT_VALIDATOR:
        return {}  # other kinds of units lay out their reply otherwise
    in_yen = setup.protocol >= EXPANDED_FROM or setup.country == CURRENCY
    return {
        number: channel.worth
        for number, channel in enumerate(setup.channels[:HIGHEST_CHANNEL], 1)
        if in_yen and channel.currency in ("", CURRENCY) and 0 < channel.worth <= HIGHEST_YEN
    }


async def _agree_on_keys(conversation: Conversation, fixed_key: int, random: Random) -> Fault | None:
    """Exchange keys and encrypt from then on. Returns what went wrong, NO_ANSWER for silence."""
    generator, modulus = pick_primes(random)
    secret = pick_secret(random, modulus)
    data = b""
    for command, number in (
        (Command.SET_GENERATOR, generator),
        (Command.SET_MODULUS, modulus),
        (Command.REQUEST_KEY_EXCHANGE, intermediate_key(generator, modulus, secret)),
    ):
        heard = await conversation.say(bytes((command,)) + encode_key(number))
        if heard is None:
            return Fault.NO_ANSWER
        if not heard.ok:
            _log.warning("ssp_key_exchange_refused", command=name_of(Command, command), code=name_of(Reply, heard.code))
            return Fault.DEVICE_FAILURE
        data = heard.data
    if len(data) != 8:
        return Fault.DEVICE_FAILURE
    conversation.use_keys(AesLayer(aes_key(fixed_key, exchanged_key(decode_key(data), modulus, secret))))
    return None
