"""Whether customers have what they paid for: what they parted with, in matter, against what the books say became of it.

The simulated matter knows the worth of all genuine pieces that customers have put in and not got back. The books say what of it
was sold, is owed, waits for a carrier's word, was refunded or forgotten. The difference has to be zero, but for what nobody can
know: pieces declared out of sight, and coins that no sensor saw.
"""

from kiosk.ledger import accounts
from kiosk.simulation.piles import held_yen
from kiosk.simulation.witness import Witness
from kiosk.simulation.world import World


class Fairness:
    """Compares at every rest of one world."""

    def __init__(self, world: World, witness: Witness) -> None:
        self._world = world
        self._witness = witness
        self._before_yen = 0
        self._doubts_before = 0, 0

    def check(self, *, ordinary: bool) -> list[str]:
        """Return what is wrong since the last rest. ``ordinary``: nothing happened that could put a yen in doubt."""
        lost_yen = parted_yen(self._world) - accounted_yen(self._world.journal.balances())
        change_yen, self._before_yen = lost_yen - self._before_yen, lost_yen
        doubts = self._witness.may_have_yen, self._witness.may_lack_yen + self._witness.kept_yen
        have_yen, lack_yen = (now - before for now, before in zip(doubts, self._doubts_before, strict=True))
        self._doubts_before = doubts
        if ordinary and change_yen:
            return [f"a customer {_in_words(change_yen)}, and nothing unusual happened"]
        if not -have_yen <= change_yen <= lack_yen:
            return [f"customers {_in_words(change_yen)}; nobody can know of {have_yen} yen to have and {lack_yen} yen to lack"]
        return []


def parted_yen(world: World) -> int:
    """Return the worth of what customers have put in and not got back."""
    return sum(held_yen(device) - world.shop_yen[name] for name, device in world.bench.devices.items())


def accounted_yen(books: dict[str, int]) -> int:
    """Return what the books say became of customers' money, and of what is theirs still."""
    sold = sum(yen for account, yen in books.items() if accounts.carrier_of(account) is not None)
    theirs = (accounts.CUSTOMER_INSERTED, accounts.OWED, accounts.REFUND, accounts.FORGOTTEN)
    return -sold - sum(books[account] for account in theirs)


def _in_words(lost_yen: int) -> str:
    return f"lost {lost_yen} yen" if lost_yen > 0 else f"got {-lost_yen} yen too much"
