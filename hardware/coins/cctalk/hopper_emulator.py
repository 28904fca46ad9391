"""A ccTalk hopper made of software: the device side of the hopper headers.

The event counter, the four bytes of the status and the dispense by serial number follow the reference; none of it was run
against an independent host [1]. [U] are, besides every time:

* the meaning of a power cut: the counter is 0 and the count of coins paid and unpaid stands, as after a reset by the host;
* while the motor runs "paid" grows coin by coin, and "unpaid" is 0 until it stands;
* a dispense while the motor runs is BUSY; one for 0 coins, while disabled, after a fraud that no reset has ended, or with a
  wrong security code is refused (NAK); none of these counts;
* the cipher. The real algorithm is not public. Here the host sends back the eight bytes that 160 gave it; they are good for one
  dispense, and a new 160 or 161 makes them stale;
* the bits of the level request (217) and of the opto states (236).

Not modelled: payout by value (133, 134), the variables of 165, PIN numbers, motors that turn back to free a jam.
"""

from random import Random

from hardware.cctalk.device import ACK, BUSY, NAK, UNKNOWN, CcTalkSlave, Reply
from hardware.cctalk.events import next_count
from hardware.cctalk.headers import Header
from hardware.coins.cctalk.acceptor_tables import coin_id
from hardware.coins.cctalk.hopper_tables import FAILURES, OF_LAST_PAYOUT, SELF_CHECK, HopperFlag
from hardware.coins.emulator import HopperEmulator
from hardware.coins.events import Event
from hardware.coins.hopper import PayoutEnd
from hardware.configfile import ConfigFile
from hardware.emulator import Happening
from hardware.lasting import State
from hardware.models import DeviceModel
from hardware.vocabulary import Fault

ENABLE_CODE = 0xA5
"""What 164 takes to enable; any other byte disables [1]."""

KEY_LENGTH = 8
SECURITIES = ("serial", "cipher", "none")
"""What a dispense carries before its count: 3 bytes of the unit's own serial number, 8 bytes of a key, or anything."""

_END_FLAGS = {
    PayoutEnd.BLOCKED.value: HopperFlag.BLOCKED_IN_PAYOUT,
    PayoutEnd.CHEATED.value: HopperFlag.FRAUD_IN_PAYOUT,
    PayoutEnd.MOTOR.value: HopperFlag.OVERCURRENT,
    PayoutEnd.TIMED_OUT.value: HopperFlag.TIMED_OUT,
}


class CcTalkHopperEmulator(CcTalkSlave, HopperEmulator):
    """One hopper, of the kind that the model's ``[hopper] security`` says."""

    def __init__(self, model: DeviceModel, dice: Random | None = None) -> None:
        """Read the model. ``dice`` roll the cipher's keys; seeded by the model's ``cipher_seed`` when not given.

        Raises ConfigError naming file and key when it cannot be used.
        """
        hopper = ConfigFile(model.path, model.settings).table("hopper")
        hopper.only("coin", "yen", "security", "cipher_seed", "capacity", "filled", "low_at", "high_at", "counts_in_reply")
        self._coin_id = coin_id(hopper, "coin")
        self._security = hopper.choice("security", SECURITIES)
        self._counts_in_reply = hopper.flag("counts_in_reply", False)
        self._key_dice = dice or Random(hopper.whole("cipher_seed", 0))
        super().__init__(model, FAILURES)
        self._key: bytes | None = None
        self._enabled = False
        self._flags = HopperFlag.POWER_UP
        self._counter = 0
        # These outlive a power cut:
        self._paid = self._unpaid = 0
        self._dispensed = 0

    # -- the host's commands -------------------------------------------------------------------------------------------

    def obey(self, header: int, data: bytes, now_s: float) -> Reply:
        """Do what the host asks, in the order of the headers; what all devices answer alike is answered already."""
        match header, len(data):
            case Header.PERFORM_SELF_CHECK, 0:
                return bytes((self._self_check(),))
            case Header.READ_OPTO_STATES, 0:
                return bytes((self.mechanism.exit_blocked,))
            case Header.REQUEST_PAYOUT_HIGH_LOW, 0:
                return bytes((self._level_bits(),))
            case Header.EMERGENCY_STOP, 0:
                self.mechanism.stop(now_s)
                self.react(now_s)
                return bytes((self._unpaid,))
            case Header.REQUEST_HOPPER_COIN, 0:
                return self._coin_id.encode()
            case Header.REQUEST_HOPPER_DISPENSE_COUNT, 0:
                return (self._dispensed % 2**24).to_bytes(3, "little")
            case Header.DISPENSE_HOPPER_COINS, length if length:
                return self._dispense(data[:-1], data[-1], now_s)
            case Header.REQUEST_HOPPER_STATUS, 0:
                return bytes((self._counter, self.mechanism.to_go, self._paid, self._unpaid))
            case Header.ENABLE_HOPPER, 1:
                self._enabled = data[0] == ENABLE_CODE
                return ACK
            case Header.TEST_HOPPER, 0:
                return int(self._flags_now()).to_bytes(2, "little")
            case Header.PUMP_RNG, 8 if self._security == "cipher":
                self._key_dice.seed(int.from_bytes(data, "little") ^ self._key_dice.getrandbits(64))
                self._key = None
                return ACK
            case Header.REQUEST_CIPHER_KEY, 0 if self._security == "cipher":
                self._key = self._key_dice.randbytes(KEY_LENGTH)
                return self._key
        return UNKNOWN

    def _dispense(self, secret: bytes, coins: int, now_s: float) -> Reply:
        if self.mechanism.running:
            return BUSY
        key, self._key = self._key, None  # good for one try
        secure = {
            "serial": secret == self.serial_bytes,
            "cipher": key is not None and secret == key,
            "none": len(secret) in (3, KEY_LENGTH),
        }[self._security]
        if not secure or not coins or not self._enabled or Fault.CHEATED in self.mechanism.faults:
            return NAK
        self._counter = next_count(self._counter)
        self._paid = self._unpaid = 0
        self._flags &= ~OF_LAST_PAYOUT
        self.mechanism.run(coins, now_s)
        return bytes((self._counter,)) if self._counts_in_reply else ACK

    def _flags_now(self) -> HopperFlag:
        flags = self._flags
        if self.mechanism.exit_blocked and not self.mechanism.running:
            flags |= HopperFlag.BLOCKED_IDLE
        if Fault.UNRECOVERABLE in self.mechanism.faults:
            flags |= HopperFlag.CHECKSUM
        return flags if self._enabled else flags | HopperFlag.DISABLED

    def _self_check(self) -> int:
        return next((code for fault, code in SELF_CHECK.items() if fault in self.mechanism.faults), 0)

    def _level_bits(self) -> int:
        """Return bit 0: low, 1: high, 4: has a low sensor, 5: has a high one [U]."""
        low, high = self.mechanism.low, self.mechanism.high
        return bool(low) | bool(high) << 1 | (low is not None) << 4 | (high is not None) << 5

    def status_name(self) -> str:
        if not self.mechanism.powered:
            return "no power"
        return f"event counter {self._counter}, paid {self._paid}, unpaid {self._unpaid}, self-check {self._self_check()}"

    # -- what happens inside -------------------------------------------------------------------------------------------

    def notice(self, happening: Happening) -> None:
        match happening.event:
            case Event.COIN_PAID:
                self._paid += 1
                self._dispensed += 1
            case Event.PAYOUT_ENDED:
                self._unpaid = happening.data["unpaid"]
                self._flags |= _END_FLAGS.get(happening.data["why"], HopperFlag(0))
                if Fault.PAYOUT_JAM in self.mechanism.faults:
                    self._flags |= HopperFlag.JAM
            case Event.POWER_OFF if happening.data["unpaid"]:
                self._unpaid = happening.data["unpaid"]
            case Fault.CHEATED.value if not happening.data["in_payout"]:
                self._flags |= HopperFlag.FRAUD_IDLE
            case Event.CLEARED:
                self._flags &= ~(HopperFlag.FRAUD_IDLE | OF_LAST_PAYOUT)

    def firmware(self) -> State:
        return {**super().firmware(), "paid": self._paid, "unpaid": self._unpaid, "dispensed": self._dispensed}

    def restore_firmware(self, state: State) -> None:
        super().restore_firmware(state)
        self._paid, self._unpaid, self._dispensed = state["paid"], state["unpaid"], state["dispensed"]

    def restart(self, now_s: float) -> None:
        """A reset stops the motor and ends every flag [U]; the counts of the last payout stay."""
        self.mechanism.stop(now_s)
        self.mechanism.forgive_cheat(now_s)
        self.wake(now_s)
        self._flags = HopperFlag(0)

    def wake(self, now_s: float) -> None:
        super().wake(now_s)
        self._counter = 0
        self._enabled = False
        self._key = None
        self._flags = HopperFlag.POWER_UP
