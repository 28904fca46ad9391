"""Settings that coin acceptors and bill validators share: which positions let in, and the tables of what they are worth."""

from collections.abc import Callable

from hardware.bills.orders import Answer
from hardware.cctalk.headers import Header
from hardware.cctalk.host import CcTalkHost, NoAnswer

POSITIONS = 16
"""A mask has two bytes [2]."""


def encode_mask(positions: frozenset[int]) -> bytes:
    """Return the mask that lets these positions in: 1 = accept, position 1 is bit 0 of the first byte [2]."""
    return sum(1 << position - 1 for position in positions).to_bytes(2, "little")


async def let_in(host: CcTalkHost, positions: frozenset[int]) -> bool:
    """Let these positions in and no others; with none the master switch refuses too. False when it is not sure to be so."""
    if await host.order(Header.MODIFY_INHIBIT_STATUS, encode_mask(positions)) is not Answer.DONE:
        return False
    return await host.order(Header.MODIFY_MASTER_INHIBIT, bytes((bool(positions),))) is Answer.DONE


async def lets_in(host: CcTalkHost, positions: frozenset[int]) -> bool:
    """Ask whether the device still has what :func:`let_in` set; True where it does not say."""
    mask = await host.ask(Header.REQUEST_INHIBIT_STATUS, sizes=(2,))
    master = await host.ask(Header.REQUEST_MASTER_INHIBIT, sizes=(1,))
    if isinstance(mask, bytes) and mask != encode_mask(positions):
        return False
    return not isinstance(master, bytes) or master[0] & 1 == bool(positions)


async def has_no_mask(host: CcTalkHost) -> bool:
    """Ask whether the device's mask lets nothing in, as after its power came; False where it does not say."""
    return await host.ask(Header.REQUEST_INHIBIT_STATUS, sizes=(2,)) == encode_mask(frozenset())


async def read_table(
    host: CcTalkHost, header: Header, size: int, worth: Callable[[bytes], int | None]
) -> dict[int, int] | None:
    """Ask what each position is: yen by position, without those that are empty or no yen. None when it cannot be read.

    An empty position may be an id of dots, a NAK, an ACK without data, or, behind the last one, silence from a device that
    is there [U].

    TRAP: nothing in an answer says which position it is about. One that comes late passes for that of the next question, so a
    coin of 500 yen was read as one of 100. The table is read upwards and then downwards: what is late belongs to the position
    below on the way up and to the one above on the way down, and only a table that was the same both ways counts.
    """
    upwards: list[bytes | NoAnswer] = []
    for position in range(1, POSITIONS + 1):
        answer = await host.ask(header, bytes((position,)), (0, size))
        if answer is NoAnswer.SILENT:
            if position > 1 and await host.order(Header.SIMPLE_POLL) is Answer.DONE:
                break
            return None
        if answer is NoAnswer.BUSY:
            return None
        upwards.append(answer)
    for position in range(len(upwards), 0, -1):
        answer = await host.ask(header, bytes((position,)), (0, size))
        if answer != upwards[position - 1]:
            return None
    ids = {position: answer for position, answer in enumerate(upwards, 1) if isinstance(answer, bytes)}
    return {position: yen for position, id_ in ids.items() if (yen := worth(id_)) is not None} or None
