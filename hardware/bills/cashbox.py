"""The cash box: how many notes fit, what is in it, and whether it is in its place."""

from collections import Counter

from hardware.bills.notes import NotePiles, Place


class CashBox:
    """The box at the end of the note path. Its contents are the notes that lie at ``Place.CASHBOX``, and nothing else."""

    def __init__(self, piles: NotePiles, capacity: int, near_full: int | None = None) -> None:
        """``capacity`` is in notes; from ``near_full`` notes on it is nearly full (None: nine tenths of the capacity)."""
        self._piles = piles
        self._notes = piles.at(Place.CASHBOX)
        self.capacity = capacity
        self.near_full_at = capacity * 9 // 10 if near_full is None else near_full
        self.fitted = True
        """Whether the box sits in the machine, closed."""
        self.sensor_pressed = False
        """Whether something presses the full-box sensor although notes would still fit."""

    @property
    def full(self) -> bool:
        """Whether it takes no further note."""
        return self.sensor_pressed or len(self._notes) >= self.capacity

    @property
    def near_full(self) -> bool:
        """Whether staff should empty it soon; also true when full."""
        return self.full or len(self._notes) >= self.near_full_at

    @property
    def contents(self) -> Counter[int]:
        """Notes in it by yen value: what staff would count."""
        return self._piles.count(Place.CASHBOX)

    def empty(self) -> Counter[int]:
        """Give everything in it to staff. Returns the notes by yen value."""
        taken = self.contents
        for note in tuple(self._notes):
            self._piles.move(note, Place.STAFF)
        self.sensor_pressed = False
        return taken
