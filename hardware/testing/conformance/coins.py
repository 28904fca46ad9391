"""A coin acceptor: each coin credited once, through refusals, lost events, its counter's wrap, power cuts and killed hosts."""

import asyncio
from collections.abc import Callable

import pytest

from hardware.coins.acceptor import CoinAccepted, CoinAcceptorStatus, CoinCountBegins, CoinRefused, CoinsUnaccounted
from hardware.links.faults import LineFaults, Toward
from hardware.testing.coinrig import REST_S, CoinRig
from hardware.testing.notrun import NotRun
from hardware.vocabulary import DeviceState, Fault, PowerState, RefuseReason

STEPS: dict[str, Callable[[LineFaults, Toward, int], None]] = {
    "garbage before it": lambda faults, toward, n: faults.insert_garbage(toward),
    "truncated": lambda faults, toward, n: faults.truncate(n % 6, toward),
    "joined with the next": lambda faults, toward, n: faults.join(toward),
    "one bit flipped": lambda faults, toward, n: faults.corrupt(1, 1, toward),
    "lost": lambda faults, toward, n: faults.drop(1, toward),
    "twice": lambda faults, toward, n: faults.duplicate(1, toward),
}
INSTANTS_S = [n / 10 for n in range(0, 14)]
"""After a coin was dropped in: rolling, in the sensors, credited, sorted, at rest."""


async def test_a_device_that_gets_power_becomes_ready(coin_acceptor: CoinRig) -> None:
    """Ready, idle, on line, no fault, and no coin told that nobody put in."""
    rig = await coin_acceptor.ready(enabled=False)
    await rig.until(lambda: rig.status.state is DeviceState.IDLE, "idle")
    assert rig.status.power is PowerState.ONLINE
    assert rig.status.faults == frozenset()
    assert rig.stories == []


async def test_each_denomination_is_credited_once_with_its_value(coin_acceptor: CoinRig) -> None:
    """The device's own table says what a coin is worth; each value it offers can be paid with."""
    rig = await coin_acceptor.ready()
    assert rig.denominations
    for yen in rig.denominations:
        await rig.insert(yen)
        await rig.pause(REST_S)
    assert [event.yen for event in rig.stories if isinstance(event, CoinAccepted)] == rig.denominations
    await rig.conclude()


async def test_coins_in_quick_succession_are_all_credited(coin_acceptor: CoinRig) -> None:
    """A handful of coins, faster than the host polls: the device buffers its events, and the driver reads every one."""
    rig = await coin_acceptor.ready()
    for _ in range(4):
        await rig.insert(rig.coin)
        await rig.pause(0.4)
    await rig.pause(5.0)
    assert rig.credited.total() + sum(isinstance(event, CoinRefused) for event in rig.stories) == 4
    await rig.conclude()


async def test_a_disabled_device_lets_coins_through_to_the_cup(coin_acceptor: CoinRig) -> None:
    """Before ``enable`` and after ``disable`` no coin is credited, and none is kept."""
    rig = await coin_acceptor.ready(enabled=False)
    await rig.insert(rig.coin, noticed=False)
    await rig.pause(5.0)
    assert not rig.credited
    rig.enable(frozenset(rig.denominations))
    await rig.pause(2.0)
    await rig.insert(rig.coin)
    await rig.until_credited(1)
    rig.acceptor.disable()
    await rig.pause(2.0)
    await rig.insert(rig.coin, noticed=False)
    await rig.pause(5.0)
    assert rig.credited.total() == 1
    rig.enable(frozenset(rig.denominations))
    await rig.pause(2.0)
    await rig.conclude()


async def test_only_the_enabled_denominations_are_credited(coin_acceptor: CoinRig) -> None:
    """A value that is not enabled falls into the cup; where the device says so, as INHIBITED."""
    rig = await coin_acceptor.ready(enabled=False)
    if len(rig.denominations) < 2:
        raise NotRun("the device knows one denomination only")
    refused, taken = rig.denominations[0], rig.denominations[-1]
    rig.enable(frozenset({taken}))
    await rig.pause(2.0)
    await rig.insert(refused, noticed=False)
    await rig.pause(REST_S)
    await rig.insert(taken)
    await rig.until_credited(1)
    await rig.pause(REST_S)  # a device may credit a coin that still falls
    assert rig.credited == {taken: 1}
    reasons = {event.reason for event in rig.stories if isinstance(event, CoinRefused)}
    assert reasons <= {RefuseReason.INHIBITED, RefuseReason.UNKNOWN}
    await rig.come_to_rest()
    await rig.check_books()


@pytest.mark.parametrize("flaw", ["counterfeit", "unreadable", "multiple"])
async def test_a_bad_coin_is_refused_and_not_credited(coin_acceptor: CoinRig, flaw: str) -> None:
    """It falls into the cup. Where the device tells of it, once, with what it said itself, printable."""
    rig = await coin_acceptor.ready()
    await rig.insert(rig.coin, flaw)
    await rig.pause(5.0)
    assert not rig.credited
    refusals = [event for event in rig.stories if isinstance(event, CoinRefused)]
    assert len(refusals) == 1
    assert refusals[0].code
    assert refusals[0].code.isprintable()
    await rig.conclude()


@pytest.mark.parametrize("flaw", ["slow", "fast", "early", "sequence", "swallowed", "backwards", "string"])
async def test_a_coin_that_plays_tricks_is_never_credited_without_being_inside(coin_acceptor: CoinRig, flaw: str) -> None:
    """Too slow, too fast, backwards, on a string: what the device does not credit is not credited, what it swallows may lie in
    the box uncredited, and it goes on."""
    rig = await coin_acceptor.ready()
    await rig.insert(rig.coin, flaw)
    await rig.pause(8.0)
    if not rig.status.ready:
        await rig.person.do("clear", "clear its coin path")
    await rig.conclude(swallowed=1)


@pytest.mark.parametrize("toward", Toward, ids=lambda toward: f"to the {toward.value}")
@pytest.mark.parametrize("step", STEPS)
async def test_coins_are_credited_once_while_messages_are_spoiled(coin_acceptor: CoinRig, step: str, toward: Toward) -> None:
    """While every second message or so is spoiled in this way, coins come in. Each is credited once, or declared."""
    rig = await coin_acceptor.ready()
    faults = rig.faults

    async def spoil() -> None:
        for n in range(1000):
            STEPS[step](faults, toward, n)
            await asyncio.sleep(0.45)

    spoiling = asyncio.create_task(spoil())
    try:
        for _ in range(3):
            await rig.insert(rig.coin)
            await rig.pause(4.0)
    finally:
        spoiling.cancel()
    await rig.conclude()


async def test_more_coins_in_a_silence_than_the_device_keeps_are_declared(coin_acceptor: CoinRig) -> None:
    """While the host hears nothing, more coins come in than the device's buffer holds. Those it still knows are credited, the
    others told as CoinsUnaccounted: an alarm, and not a guess."""
    rig = await coin_acceptor.ready()
    rig.faults.mute()
    for _ in range(7):
        await rig.insert(rig.coin, noticed=False)
        await rig.pause(0.5)
    rig.faults.off()
    await rig.conclude()


@pytest.mark.parametrize("away_s", [0.3, 5.0])
async def test_coins_while_the_cable_is_out_are_told_when_it_is_back(coin_acceptor: CoinRig, away_s: float) -> None:
    """The device goes on taking coins that were rolling when the line died; its counter tells what was missed."""
    rig = await coin_acceptor.ready()
    await rig.insert(rig.coin, noticed=False)
    rig.link.unplug()
    await rig.pause(away_s)
    rig.link.replug()
    await rig.until_ready()
    await rig.conclude()


async def test_the_counters_wrap_costs_no_coin(coin_acceptor: CoinRig) -> None:
    """260 coins in a row: the device's event counter wraps, and every coin is credited once."""
    rig = coin_acceptor
    if rig.spec.link == "serial":
        raise NotRun("nobody puts 260 coins into a real unit for this")
    await rig.ready()
    for n in range(260):
        await rig.insert(rig.coin)
        await rig.until_credited(n + 1, 10.0)
        await rig.pause(0.3)
    assert rig.credited == {rig.coin: 260}
    assert not [event for event in rig.stories if isinstance(event, CoinsUnaccounted)]
    await rig.conclude()


@pytest.mark.parametrize("at_s", INSTANTS_S)
async def test_a_power_cut_of_the_device_at_any_moment_credits_no_coin_twice(coin_acceptor: CoinRig, at_s: float) -> None:
    """Counter back at its beginning: the device is set up again and nothing is replayed. A coin that was credited by the device
    and not yet read is declared."""
    rig = await coin_acceptor.ready()
    await rig.insert(rig.coin, noticed=False)
    await rig.pause(at_s)
    await rig.power(on=False)
    await rig.pause(2.0)
    await rig.power(on=True)
    await rig.until_ready()
    await rig.conclude(swallowed=1)


@pytest.mark.parametrize("at_s", INSTANTS_S)
async def test_a_host_killed_at_any_moment_resumes_from_its_journals_mark(coin_acceptor: CoinRig, at_s: float) -> None:
    """The new host is started with the last mark that was journaled: what was missed is told once, what was told is not told
    again."""
    rig = await coin_acceptor.ready()
    await rig.insert(rig.coin)
    await rig.until_credited(1)
    await rig.pause(1.0)
    await rig.insert(rig.coin, noticed=False)
    await rig.pause(at_s)
    await rig.kill_host()
    await rig.pause(1.0)
    await rig.start_driver()
    await rig.until_ready()
    await rig.conclude()


async def test_a_host_that_dies_while_being_told_is_not_told_twice(coin_acceptor: CoinRig) -> None:
    """The coin was journaled, and the host died before it did anything else."""
    rig = await coin_acceptor.ready()
    died = asyncio.Event()
    rig.on_coin = died.set
    await rig.insert(rig.coin)
    await rig.until(died.is_set, "a coin told")
    await rig.kill_host()
    rig.on_coin = None
    await rig.start_driver()
    await rig.until_ready()
    assert rig.credited.total() == 1
    await rig.conclude()


async def test_the_first_host_of_all_is_told_a_mark_and_nothing_of_former_coins(coin_acceptor: CoinRig) -> None:
    """Started without a mark, a driver tells the device's counter as it stands: coins of before are nobody's."""
    rig = await coin_acceptor.ready()
    await rig.insert(rig.coin)
    await rig.until_credited(1)
    await rig.kill_host()
    rig.journal = None
    since = len(rig.told)
    await rig.start_driver()
    await rig.until_ready()
    await rig.pause(REST_S)
    (begun,) = (event for event in rig.told[since:] if not isinstance(event, CoinAcceptorStatus))
    assert isinstance(begun, CoinCountBegins)


async def test_silence_is_told_as_off_line_and_the_device_comes_back(coin_acceptor: CoinRig) -> None:
    """Not ready within thirty seconds, and ready again by itself."""
    rig = await coin_acceptor.ready()
    rig.faults.mute()
    await rig.until(lambda: rig.status.power is PowerState.OFFLINE, "off line", 30.0)
    assert not rig.status.ready
    assert Fault.NO_ANSWER in rig.status.faults
    rig.faults.off()
    await rig.until_ready()
    await rig.conclude()


async def test_a_single_wire_is_used_or_refused_but_never_misread(coin_acceptor: CoinRig) -> None:
    """The host hears its own bytes: it strips them, or says so."""
    rig = coin_acceptor
    rig.faults.echo()
    await rig.start_driver()
    await rig.pause(20.0)
    if not rig.status.ready:
        assert rig.status.faults & {Fault.LINE_ECHO, Fault.NO_ANSWER}
        rig.faults.off()
        await rig.until_ready()
    rig.enable(frozenset(rig.denominations))
    await rig.pause(2.0)
    await rig.insert(rig.coin)
    await rig.until_credited(1)
    await rig.conclude()


async def test_a_device_that_is_restarted_is_enabled_again(coin_acceptor: CoinRig) -> None:
    """``enable`` was said once; after a power cut the driver says it again by itself."""
    rig = await coin_acceptor.ready()
    await rig.person.do("power off", "switch its power off")
    await rig.until(lambda: not rig.status.ready, "no longer ready")
    await rig.person.do("power on", "switch its power on again")
    await rig.until_ready()
    await rig.pause(2.0)
    await rig.insert(rig.coin)
    await rig.until_credited(1)
    await rig.conclude()
