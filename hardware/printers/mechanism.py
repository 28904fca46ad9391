"""Paper, head, cutter and cover of a thermal receipt printer: what is physically true, whatever protocol reports it.

The head prints dot rows while the paper moves under it; the blade stands ``cutter_gap`` further on, so a cut takes off what
has passed the *blade* and the rows between blade and head stay in the printer. All lengths inside are whole dot rows of the
head's resolution. The machine works off a queue of motions at a constant speed; a hand may open the cover, take the paper
away or heat the head at any dot row, and the motion goes on from that row when the cause is gone.

Figures: head to cutter about 15 mm, manual cutter 26-29 mm [D: TM-T88III]; how far the paper reaches past the end sensor
and how long a cut takes are [K].

What it does not model: acceleration, skew, wear, density, a roll that slips, the thread that a partial cut leaves.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from hardware.printers.paper import MM_PER_INCH, Cut, Feed, Geometry, Motion, Occurrence, Piece, Retract, Strip

_TINY_S = 1e-9
_MOST_BOUNDARIES = 64
"""Cuts and scripted events waiting for their row; a host that reserves more than this is not obeyed."""


@dataclass
class _Boundary:
    """Do ``act`` with the time when the head has passed ``row`` rows of paper in all."""

    row: int
    act: Callable[[float], None] = field(repr=False)
    queued: bool = False
    """Part of the queued work, and lost with it."""


class PrinterMechanism:
    """One printer's matter. Call :meth:`advance` before anything else at a new time; times never go back."""

    def __init__(self, geometry: Geometry, paper_mm: float, near_end_mm: float) -> None:
        self.geometry = geometry
        self.near_end_mm = near_end_mm
        self.cover_open = self.head_hot = self.failed = False
        self.cutter_blocked = False
        """Something sits in the cutter: nobody knows until it moves."""
        self.cutter_error = False
        self.jammed = False
        """Paper is stuck on its way; nothing moves until a hand has cleared it."""
        self.feed_pressed = self.drawer_open = False
        self.stop_at_near_end = False
        """The host wants printing to stop when the near-end sensor trips (``ESC c 4``)."""
        self.powered = True
        self.head_row = 0
        """Rows of paper that have passed the head since the machine was built."""
        self.backlog_rows = 0
        """Rows queued and not yet moved."""
        self._rows_per_s = geometry.speed_mm_s * geometry.dpi / MM_PER_INCH
        self._gap = geometry.rows(geometry.cutter_gap_mm)
        self._edge_row = -self._gap
        self._receipt_start = 0
        self._queue: deque[Motion] = deque()
        self._done = 0
        self._since_s: float | None = None
        self._strips: list[Strip] = []
        self._boundaries: list[_Boundary] = []
        self._occurrences: list[Occurrence] = []
        self.paper_low = self.paper_out = False
        self._near_row = self._end_row = self._last_row = 0
        self._measure_roll(paper_mm, 0.0, told=False)

    # --- what sensors and eyes see ---

    @property
    def stopped(self) -> bool:
        """Whether the machine can move at all just now."""
        if self.cover_open or self.head_hot or self.failed or self.cutter_error or self.jammed or not self.powered:
            return True
        # With the end sensor tripped only the line begun is finished, as far as paper reaches [D].
        return self.paper_out and (self._done == 0 or self.head_row >= self._last_row)

    @property
    def idle(self) -> bool:
        """Whether nothing is queued."""
        return not self._queue

    @property
    def receipt_row(self) -> int:
        """Rows the head has printed or fed since the last cut."""
        return self.head_row - self._receipt_start

    @property
    def paper_mm(self) -> float:
        """Paper left until the end sensor trips."""
        return max(0.0, self.geometry.mm(self._end_row - self.head_row))

    # --- work ---

    def add(self, motion: Motion, now_s: float) -> None:
        """Queue a motion."""
        queue = self._queue
        if not queue:
            self._since_s = now_s
        queue.append(motion)
        if isinstance(motion, Feed):
            self.backlog_rows += motion[0]

    def clear(self, now_s: float) -> None:
        """Forget what is queued; the line in progress ends at the row where it is."""
        self._settle(now_s)
        self._queue.clear()
        self._boundaries = [boundary for boundary in self._boundaries if not boundary.queued]
        self.backlog_rows = self._done = 0

    def feed_to_cutter_rows(self) -> int:
        """Return how far a row under the head must move to lie under the blade."""
        return self._gap

    def cut_when_reached(self, rows_ahead: int, cut: Cut) -> None:
        """Cut, in the middle of whatever motion, when the place ``rows_ahead`` of all queued work lies under the blade."""
        if len(self._boundaries) >= _MOST_BOUNDARIES:
            return
        row = self.head_row + self.backlog_rows + rows_ahead + self._gap
        self._boundaries.append(_Boundary(row, lambda t: self._queue.appendleft(cut), queued=True))

    def at_receipt_row(self, row: int, act: Callable[[float], None]) -> None:
        """Call ``act`` with the time when the head reaches ``row`` of the current receipt (at once if it has passed it)."""
        self._boundaries.append(_Boundary(max(self._receipt_start + row, self.head_row + 1), act))

    def advance(self, now_s: float) -> None:
        """Let motors run until ``now_s``."""
        limit_s = now_s + _TINY_S
        while self._queue and not self.stopped:
            if self._since_s is None:
                self._since_s = now_s
            motion = self._queue[0]
            if isinstance(motion, Feed):
                boundary = self._next_boundary()
                if not (self._done or self.paper_out) and self._run(boundary, limit_s):
                    continue
                step = min(motion.rows - self._done, boundary - self.head_row)
                end_s = self._since_s + step / self._rows_per_s
                if end_s > limit_s:
                    return
                self._move(motion, step)
                self._since_s = end_s
                finished = self._done >= motion.rows
                if finished:
                    self._queue.popleft()
                    self._done = 0
                if self.head_row == boundary:
                    self._cross(end_s)
            elif isinstance(motion, Cut):
                end_s = self._since_s + self.geometry.cut_s
                if end_s > limit_s:
                    return
                self._since_s = end_s
                self._cut(motion, end_s)
            elif isinstance(motion, Retract):
                end_s = self._since_s + motion.rows / self._rows_per_s
                if end_s > limit_s:
                    return
                self._since_s = end_s
                self._queue.popleft()
                self.head_row -= motion.rows
                self._receipt_start = self.head_row
            else:
                self._queue.popleft()
                motion.reached(self._since_s)
        if self.stopped:
            self._since_s = None

    def due_s(self) -> float | None:
        """Return when the next thing happens that anybody could notice, or None while nothing moves."""
        if not self._queue or self.stopped or self._since_s is None:
            return None
        t, row, done, boundary = self._since_s, self.head_row, self._done, self._next_boundary()
        for motion in self._queue:
            if isinstance(motion, Feed):
                left = motion.rows - done
                if row + left >= boundary:
                    return t + (boundary - row) / self._rows_per_s
                t, row, done = t + left / self._rows_per_s, row + left, 0
            elif isinstance(motion, Retract):
                t, row = t + motion.rows / self._rows_per_s, row - motion.rows
            else:
                return t + (self.geometry.cut_s if isinstance(motion, Cut) else 0.0)
        return t

    def take_occurrences(self) -> list[Occurrence]:
        """Return, once, what has happened, oldest first."""
        taken, self._occurrences = self._occurrences, []
        return taken

    def set_speed(self, share: float) -> None:
        """Run at ``share`` of the full speed, between two motions: call it from a :class:`Mark`, or while nothing is queued."""
        self._rows_per_s = share * self.geometry.speed_mm_s * self.geometry.dpi / MM_PER_INCH

    # --- a hand at the machine; each first settles what moved until now ---

    def open_cover(self, now_s: float) -> None:
        """Open the cover; the head lifts and printing stops at this row."""
        self._settle(now_s)
        if not self.cover_open:
            self.cover_open = True
            self._tell(now_s, "cover_opened")

    def close_cover(self, now_s: float) -> None:
        """Close it; printing goes on from the row where it stopped."""
        if self.cover_open:
            self.cover_open = False
            self._resume(now_s)
            self._tell(now_s, "cover_closed")

    def set_paper(self, length_mm: float, now_s: float) -> None:
        """Let the roll hold ``length_mm`` from now on, the same paper; 0 takes it away from under the head at once."""
        self._settle(now_s)
        was_out = self.paper_out
        if was_out and length_mm > 0:
            self._take_off(self.head_row, "replaced", now_s)
            self._edge_row, self._receipt_start = self.head_row - self._gap, self.head_row
        self._measure_roll(length_mm, now_s)
        self._resume(now_s)

    def hold(self, length_mm: float, now_s: float) -> None:
        """Be a printer whose roll has ``length_mm`` left, without a word about it."""
        self._measure_roll(length_mm, now_s, told=False)

    def load_paper(self, length_mm: float, now_s: float) -> None:
        """Put a new roll in: what was printed and not cut leaves with the old paper, and printing goes on on the new."""
        self._settle(now_s)
        self._take_off(self.head_row, "replaced", now_s)
        self._edge_row, self._receipt_start = self.head_row - self._gap, self.head_row
        self._measure_roll(length_mm, now_s)
        self._tell(now_s, "paper_loaded")
        self._resume(now_s)

    def tear(self, now_s: float) -> bool:
        """Tear off what reaches past the manual cutter's edge; returns whether anything does."""
        self._settle(now_s)
        return self._take_off(self.head_row - self.geometry.rows(self.geometry.manual_cutter_mm), "torn", now_s)

    def set_head_hot(self, hot: bool, now_s: float) -> None:
        """Heat the head beyond its limit, or let it cool: printing stops and goes on by itself."""
        self._settle(now_s)
        self.head_hot = hot
        self._resume(now_s)

    def jam_paper(self, now_s: float) -> None:
        """Let the paper get stuck at this row."""
        self._settle(now_s)
        if not self.jammed:
            self.jammed = True
            self._tell(now_s, "paper_jammed")

    def clear_jam(self, now_s: float) -> None:
        """Take the stuck paper out; printing goes on from the row where it stopped."""
        if self.jammed:
            self.jammed = False
            self._resume(now_s)
            self._tell(now_s, "jam_cleared")

    def set_failed(self, now_s: float) -> None:
        """Break something that only power off and on (and often a technician) mends."""
        self._settle(now_s)
        self.failed = True

    def recover_cutter(self, now_s: float) -> None:
        """Try the cutter again at the host's word; it jams again while something still sits in it."""
        self.cutter_error = False
        self._resume(now_s)

    def power_off(self, now_s: float) -> None:
        """Cut the power: the queue is lost, the paper stays as it is."""
        self.clear(now_s)
        self.powered = False

    def power_on(self, now_s: float) -> None:
        """Power up; the cutter goes home, a transient failure is gone."""
        self.powered = True
        self.cutter_error = self.failed = False
        self._resume(now_s)

    # --- inside ---

    def _next_boundary(self) -> int:
        row = self._near_row if not self.paper_low else self._end_row if not self.paper_out else self._last_row
        for boundary in self._boundaries:
            if boundary.row < row:
                row = boundary.row
        return max(row, self.head_row + 1)

    def _run(self, boundary: int, limit_s: float) -> bool:
        """Work off the feeds in a row that end before ``boundary`` and by ``limit_s``; nothing else can happen meanwhile."""
        queue, strips, rows_per_s = self._queue, self._strips, self._rows_per_s
        before, row, t = len(queue), self.head_row, self._since_s
        assert t is not None
        while queue and isinstance(motion := queue[0], Feed):
            rows, ink = motion
            end_s = t + rows / rows_per_s
            if row + rows >= boundary or end_s > limit_s:
                break
            queue.popleft()
            if ink is not None and rows:
                strips.append(Strip(row, 0, rows, ink))
            row, t = row + rows, end_s
        self.backlog_rows -= row - self.head_row
        self._since_s, self.head_row = t, row
        return len(queue) < before

    def _cross(self, t: float) -> None:
        """Act on every boundary that lies at or behind the head."""
        self._look_at_sensors(t)
        due = [b for b in self._boundaries if b.row <= self.head_row]
        if due:
            self._boundaries = [b for b in self._boundaries if b.row > self.head_row]
            for boundary in due:
                boundary.act(t)

    def _look_at_sensors(self, t: float, *, told: bool = True) -> None:
        low, out = self.head_row >= self._near_row, self.head_row >= self._end_row
        if low and not self.paper_low and told:
            self._tell(t, "paper_low")
        if out and not self.paper_out and told:
            self._tell(t, "paper_out")
        self.paper_low, self.paper_out = low, out

    def _measure_roll(self, length_mm: float, now_s: float, *, told: bool = True) -> None:
        rows = self.geometry.rows(length_mm)
        self._end_row = self.head_row + rows
        self._near_row = self._end_row - self.geometry.rows(self.near_end_mm)
        self._last_row = self._end_row + (self.geometry.rows(self.geometry.past_sensor_mm) if rows else 0)
        self._look_at_sensors(now_s, told=told)

    def _move(self, motion: Feed, rows: int) -> None:
        if motion.ink is not None and rows:
            last = self._strips[-1] if self._strips else None
            if last is not None and self._done and last.ink is motion.ink and last.paper_row + last.rows == self.head_row:
                self._strips[-1] = last._replace(rows=last.rows + rows)
            else:
                self._strips.append(Strip(self.head_row, self._done, rows, motion.ink))
        self.head_row += rows
        self.backlog_rows -= rows
        self._done += rows

    def _cut(self, cut: Cut, t: float) -> None:
        if self.cutter_blocked:
            self.cutter_error = True
            self._tell(t, "cutter_jammed")
            return
        self._queue.popleft()
        if self._take_off(self.head_row - self._gap, "partial_cut" if cut.partial else "cut", t, cut.note):
            self._receipt_start = self.head_row

    def _take_off(
        self, row: int, how: Literal["cut", "partial_cut", "torn", "replaced"], t: float, note: object | None = None
    ) -> bool:
        if row <= self._edge_row:
            return False
        gone: list[Strip] = []
        stay: list[Strip] = []
        for strip in self._strips:
            before = row - strip.paper_row
            if before >= strip.rows:
                gone.append(strip)
            elif before <= 0:
                stay.append(strip)
            else:
                gone.append(strip._replace(rows=before))
                stay.append(Strip(strip.paper_row + before, strip.ink_row + before, strip.rows - before, strip.ink))
        self._strips = stay
        piece = Piece(self._edge_row, row - self._edge_row, tuple(gone), how, note)
        self._edge_row = row
        if gone or how != "replaced":
            self._occurrences.append(Occurrence(t, "piece", piece))
        return True

    def _settle(self, now_s: float) -> None:
        """Print the rows of the motion in progress that have passed the head by now."""
        self.advance(now_s)
        if self._queue and self._since_s is not None and isinstance(motion := self._queue[0], Feed):
            rows = min(int((now_s - self._since_s) * self._rows_per_s + 1e-6), motion.rows - self._done)
            if rows > 0:
                self._move(motion, rows)
                self._since_s += rows / self._rows_per_s

    def _resume(self, now_s: float) -> None:
        if not self.stopped:
            self._since_s = now_s

    def _tell(self, t: float, name: str) -> None:
        self._occurrences.append(Occurrence(t, name))
