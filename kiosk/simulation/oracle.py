"""Asks, outside the code under test, whether every yen is in exactly one place and the books say so.

The mechanisms know where each note and coin is; the carrier's store knows what it delivered; the printer knows what it
printed; the wallets know what was put in. The journal has to agree with all of them.
"""

from kiosk.ledger import accounts
from kiosk.ledger.audit import audit_journal
from kiosk.memory import MemoryWitness
from kiosk.screenmodel import Screen
from kiosk.simulation.piles import differences
from kiosk.simulation.world import World
from kiosk.topup.answers import TopupState


def at_rest(world: World, *, noisy: bool = False) -> list[str]:
    """Return what is wrong while no customer is being served; an empty list when nothing is.

    ``noisy``: something was wrong with a line, so that papers may hold what nobody sent.
    """
    books = world.journal.balances()
    papers = [] if noisy else _papers(world)
    return [*_money(world, books), *_sales(world, books), *papers, *_calm(world, books)]


def at_the_end(world: World, *, noisy: bool = False) -> list[str]:
    """Return what is wrong when the simulation is over and every carrier has had time to answer."""
    wrong = at_rest(world, noisy=noisy)
    report = audit_journal(world.journal, witness=MemoryWitness())
    wrong += [f"audit: {problem}" for problem in report.problems]
    wrong += [f"audit: unfinished: {text}" for text in report.unfinished]
    if owing := -world.journal.balances()[accounts.CUSTOMER_INSERTED]:
        wrong.append(f"{owing} yen of customers' money has no final place")
    return wrong


def _money(world: World, books: dict[str, int]) -> list[str]:
    """Every pile against its account, piece by piece; and no note made of nothing."""
    wrong = [
        f"{place}: there are {there} pieces, the books say {booked}"
        for place, (there, booked) in differences(world.bench.devices, books, world.till.in_doubt).items()
    ]
    if world.has("bill"):
        gone_in = world.shop_yen[world.bench.device("bill").spec.name] + sum(y * n for y, n in world.inserted.items())
        if (known := world.validator.mechanism.piles.total_yen()) != gone_in:
            wrong.append(f"{gone_in} yen were put in, the machine knows of {known}")
    return wrong


def _sales(world: World, books: dict[str, int]) -> list[str]:
    wrong = []
    sold = -sum(yen for account, yen in books.items() if accounts.carrier_of(account) is not None)
    delivered = 0
    waiting = 0
    for topup in world.carrier.topups.all():
        if topup.effects > 1:
            wrong.append(f"{topup.client_ref} was delivered {topup.effects} times")
        if topup.effects and topup.state == TopupState.COMPLETED:
            delivered += topup.amount_yen
        if topup.committed_at and topup.state not in (TopupState.COMPLETED, TopupState.DECLINED):
            waiting += topup.amount_yen
    # what a carrier has delivered and not told yet, or does not know itself, is customers' money on our books until it tells
    untold = -books[accounts.CUSTOMER_INSERTED]
    if not (sold <= delivered and delivered + waiting <= sold + untold):
        wrong.append(f"carriers delivered for {delivered} yen, the books sold {sold} with {untold} waiting ({waiting} there)")
    return wrong


def _papers(world: World) -> list[str]:
    wrong = []
    for receipt in world.printer.receipts[-1:]:
        if receipt.fates.unknown or receipt.fates.bad_pairs or receipt.fates.missing_glyphs:
            wrong.append(f"a receipt was sent with bytes the printer could not use: {receipt.text[:80]!r}")
    return wrong


def _calm(world: World, books: dict[str, int]) -> list[str]:
    wrong = []
    if total := sum(books.values()):
        wrong.append(f"all accounts together are {total} yen, not 0")
    if world.shown.screen is Screen.ATTRACT and books[accounts.ESCROW]:
        wrong.append(f"{books[accounts.ESCROW]} yen are in escrow on the books while nobody is served")
    if world.shown.screen is Screen.ATTRACT and world.on_its_way:
        wrong.append("money is on its way while nobody is served")
    return wrong
