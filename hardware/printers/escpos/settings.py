"""What a service program sets and the printer remembers: ``GS ( E``, and ``GS ( K`` and ``GS ( N``, which last until ``ESC @``.

User setting mode is entered and left by ``GS ( E`` 1 and 2; leaving it resets the printer. In it memory switches (3) and
customised values (5) can be changed; they can be asked for at any time (4, 6) [D: Epson's reference, TM-T88IV and later].
They live in non-volatile memory: neither ``ESC @`` nor power off touches them [D].

Of the switches only 1-1, the power-on notice, does anything here. Density is remembered and told to whoever looks; paper
does not show it. The values that a new printer holds, and how much slower it is at a lower speed, are [K]. Functions 7 to 16
and 48 to 100 (code pages, interfaces, paper layout, buzzer) are stepped over.
"""

from collections.abc import Callable
from typing import Final

USER_SETUP: Final = b"\x1d(E"
PRINT_CONTROL: Final = b"\x1d(K"
CHARACTER_EFFECTS: Final = b"\x1d(N"
MODE_CHANGE_NOTICE: Final = b"\x37\x20\x00"
POWER_ON_NOTICE: Final = b"\x3b\x31\x00"
_SWITCHES: Final = (1, 2, 8)
_USER_MEMORY, _NV_GRAPHICS, _PAPER_WIDTH, _DENSITY, _SPEED, _DIVISION = 1, 2, 3, 5, 6, 97
_RANGES: Final = {
    _USER_MEMORY: range(1, 5), _NV_GRAPHICS: range(8), _PAPER_WIDTH: range(2, 7), _DENSITY: (*range(9), *range(65530, 65536)),
    _SPEED: range(1, 14), _DIVISION: range(1, 5),
}  # fmt: skip
"""Customised values by number [D: their names; K: their ranges]."""
FASTEST: Final = 13
_NEW: Final = {_USER_MEMORY: 1, _NV_GRAPHICS: 5, _PAPER_WIDTH: 6, _DENSITY: 0, _SPEED: FASTEST, _DIVISION: 1}


class UserSettings:
    """Memory switches and customised values, and what is in force of them."""

    def __init__(
        self,
        at_rest: Callable[[], bool],
        say: Callable[[bytes, float], None],
        restart: Callable[[float], None],
        set_speed: Callable[[float, float], None],
    ) -> None:
        """``restart`` resets the printer; ``set_speed`` takes a share of the full speed, in force after what is queued."""
        self._at_rest, self._say, self._restart, self._set_speed = at_rest, say, restart, set_speed
        self._switches = {number: bytearray(b"0" * 8) for number in _SWITCHES}
        """The characters 0 and 1 of bits 8 to 1, as they are sent."""
        self._values = dict(_NEW)
        self.user_mode = False
        """Whether switches and values can be changed."""
        self.density = 0
        """Steps of 5 % from the usual darkness."""
        self.speed = FASTEST

    def commands(self) -> dict[bytes, Callable[[bytes, float], bool]]:
        """Return what obeys each code; False from it means that it had no effect."""
        return {USER_SETUP: self._set_up, PRINT_CONTROL: self._control_printing, CHARACTER_EFFECTS: self._effects}

    @property
    def announces_power_on(self) -> bool:
        """Memory switch 1-1: whether the printer says that it has just been switched on [D]."""
        return self._switches[1][7] == ord("1")

    def reset(self, t: float) -> None:
        """Go back to the customised density and speed: ``ESC @`` and power on."""
        self.density = self._signed(self._values[_DENSITY])
        if self.speed != self._values[_SPEED]:
            self._run_at(self._values[_SPEED], t)

    def power_on(self, t: float) -> None:
        """Begin outside user setting mode."""
        self.user_mode = False
        self.reset(t)

    # --- GS ( E ---

    def _set_up(self, args: bytes, t: float) -> bool:
        function, operands = args[2] if len(args) > 2 else 0, args[3:]
        match function:
            case 1 if operands == b"IN" and self._at_rest():
                self.user_mode = True
                self._say(MODE_CHANGE_NOTICE, t)
            case 2 if operands == b"OUT" and self.user_mode:
                self._restart(t)
            case 3 if self.user_mode:
                return self._set_switches(operands)
            case 4 if len(operands) == 1 and operands[0] in self._switches:
                self._say(b"\x37\x21" + self._switches[operands[0]] + b"\x00", t)
            case 5 if self.user_mode:
                return self._set_values(operands)
            case 6 if len(operands) == 1 and operands[0] in self._values:
                self._say(b"\x37\x27%d\x1f%d\x00" % (operands[0], self._values[operands[0]]), t)
            case _:
                return False
        return True

    def _set_switches(self, operands: bytes) -> bool:
        """``a b8 ... b1``, any number of times; 50 leaves a bit as it is [D]."""
        groups = [operands[i : i + 9] for i in range(0, len(operands), 9)]
        if not groups or not all(len(one) == 9 and one[0] in self._switches and {*one[1:]} <= {48, 49, 50} for one in groups):
            return False
        for number, *bits in groups:
            switches = self._switches[number]
            switches[:] = bytes(old if new == 50 else new for old, new in zip(switches, bits, strict=True))
        return True

    def _set_values(self, operands: bytes) -> bool:
        """``a nL nH``, any number of times."""
        groups = [operands[i : i + 3] for i in range(0, len(operands), 3)]
        values = [(one[0], int.from_bytes(one[1:], "little")) for one in groups if len(one) == 3]
        if not groups or len(values) < len(groups) or not all(value in _RANGES.get(number, ()) for number, value in values):
            return False
        self._values.update(values)
        return True

    @staticmethod
    def _signed(value: int) -> int:
        return value - 0x10000 if value >= 0x8000 else value

    # --- GS ( K, GS ( N ---

    def _control_printing(self, args: bytes, t: float) -> bool:
        if len(args) != 4:
            return False
        function, n = args[2], args[3]
        if function == 49 and (n <= 8 or n >= 250):
            self.density = n - 256 if n >= 250 else n
        elif function == 50 and (n <= FASTEST or 48 <= n <= 57):
            level = n - 48 if n >= 48 else n
            self._run_at(level or self._values[_SPEED], t)  # 0: the customised value
        elif function == 97:
            return n <= 4 or 48 <= n <= 52  # into how many parts the head is fired; the paper does not show it
        else:
            return False
        return True

    def _run_at(self, level: int, t: float) -> None:
        self.speed = level
        self._set_speed(level / FASTEST, t)

    @staticmethod
    def _effects(args: bytes, t: float) -> bool:
        """One colour of ink: characters in colour 1, no background, no shadow; anything else is not in this printer."""
        return args[2:] in (b"01", b"10", b"200") or (len(args) == 5 and args[2:4] == b"20" and args[4] in (48, 49))
