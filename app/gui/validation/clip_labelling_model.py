"""View-model of playing and labelling one clip; each key is an undoable step."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ClipError
from analytics.domain.exhibition import find_time_zone
from analytics.domain.identifiers import LineId, ZoneId
from analytics.evaluation.clip_labels import Clip, CrossingLabel, PlaceLabel
from app.cameras.pictured_shapes import PicturedKind, PicturedShape
from app.core.change_set import Part
from app.core.document import Venue
from app.error_reporting import describe_error
from app.gui.canvas.camera_picture_items import PlanProjector
from app.gui.session.translation import display_name, join_sentences, tr, trn
from app.gui.session.view_model import ComposedViewModel
from app.plan.floor_scene import Point
from app.plan.plan_shapes import Shape
from app.validation.validation_clips import ClipFrame, ClipStore
from app.validation.validation_draft import ClipDraft, HeadClicked, HeadCountStarted, StayEnded, StayStarted

SPEEDS = (0.5, 1.0, 2.0, 4.0)
TICK_MS = 20
"""Timer period, four times per picture at the highest speed."""


class ClipPlayback(QObject):
    """Playback of pictures counted from 0; the current time is always that of a picture."""

    moved = Signal()
    """Another picture is shown."""
    changed = Signal()
    """Playback started, stopped or changed its speed."""

    def __init__(self, *, clock: Clock | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock or SystemClock()
        self._times_s: tuple[float, ...] = ()
        self._index = 0
        self._speed = 1.0
        self._position_s = self._looked_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.show_due)

    @property
    def count(self) -> int:
        return len(self._times_s)

    @property
    def index(self) -> int:
        return self._index

    @property
    def time_utc_s(self) -> float:
        """Time of the current picture, seconds since the epoch; 0 without any."""
        return self._times_s[self._index] if self._times_s else 0.0

    @property
    def speed(self) -> float:
        """Playback speed, one of `SPEEDS`."""
        return self._speed

    @property
    def is_playing(self) -> bool:
        return self._timer.isActive()

    def show(self, times_s: Sequence[float]) -> None:
        """Load other pictures, in order of time, and stop at the first."""
        self._timer.stop()
        self._times_s, self._index = tuple(times_s), 0
        self._seek_position()
        self.changed.emit()
        self.moved.emit()

    def toggle(self) -> None:
        """Play or pause; at the end, play from the beginning."""
        if self.is_playing:
            self.stop()
            return
        if self._index >= self.count - 1:
            self.jump(0)
        if self.count:
            self._seek_position()
            self._timer.start()
            self.changed.emit()

    def stop(self) -> None:
        if self.is_playing:
            self._timer.stop()
            self.changed.emit()

    def set_speed(self, speed: float) -> None:
        self._speed = speed
        self._seek_position()
        self.changed.emit()

    def change_speed(self, by: int) -> None:
        """Set the next higher (1) or lower (-1) of `SPEEDS`."""
        at = SPEEDS.index(self._speed) + by
        self.set_speed(SPEEDS[min(max(at, 0), len(SPEEDS) - 1)])

    def step(self, by: int) -> None:
        self.stop()
        self.jump(self._index + by)

    def step_seconds(self, by_s: float) -> None:
        """Move by seconds of the clip without changing the playback."""
        self.jump(self.find_index(self.time_utc_s + by_s))

    def jump(self, index: int) -> None:
        """Show a picture; out of range, the first or last."""
        self._show(min(max(index, 0), max(self.count - 1, 0)))
        self._seek_position()

    def find_index(self, time_utc_s: float) -> int:
        """Return the picture at a time: the last one up to it, or the first."""
        return max(bisect_right(self._times_s, time_utc_s + 1e-6) - 1, 0)

    def show_due(self) -> None:
        now_s = self._clock.monotonic_s()
        self._position_s += (now_s - self._looked_s) * self._speed
        self._looked_s = now_s
        self._show(self.find_index(self._position_s))
        if self._index >= self.count - 1:
            self.stop()

    def _show(self, index: int) -> None:
        if index != self._index:
            self._index = index
            self.moved.emit()

    def _seek_position(self) -> None:
        self._position_s, self._looked_s = self.time_utc_s, self._clock.monotonic_s()


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One label in the list.

    Attributes:
        step: index in the draft.
        index: its picture; None for a stay's end that was not seen.
    """

    step: int
    index: int | None
    text: str


@dataclass(frozen=True, slots=True)
class ClipLabellingState:
    """Everything that is shown of one clip.

    Attributes:
        frame_wh: size of the whole frame, in whose pixels all points are given.
        index, count: current picture, counted from 0, and their number.
        position: in the clip, as text.
        lines, zones: values and texts with keys; ``line``, ``zone`` and ``chosen_ref`` are the selected ones.
        counts_lines: every crossing in this clip is labelled.
        marks: feet clicked at this time.
        is_counting: clicks mark feet.
        following: the followed visitor, as text; empty for none.
        todo: missing labels, as text.
        message: why a key had no effect.
        is_finished: the labels can no longer be changed.
    """

    title: str = ""
    frame: ClipFrame | None = None
    frame_wh: tuple[int, int] | None = None
    shapes: tuple[PicturedShape, ...] = ()
    index: int = 0
    count: int = 0
    position: str = ""
    is_playing: bool = False
    speed: float = 1.0
    lines: tuple[tuple[str, str], ...] = ()
    zones: tuple[tuple[str, str], ...] = ()
    line: str = ""
    zone: str = ""
    chosen_ref: Shape | None = None
    counts_lines: bool = True
    rows: tuple[LabelRow, ...] = ()
    marks: tuple[Point, ...] = ()
    is_counting: bool = False
    count_at: str = ""
    following: str = ""
    todo: str = ""
    message: str = ""
    can_undo: bool = False
    can_redo: bool = False
    can_label_as_empty: bool = False
    is_finished: bool = False

    @property
    def has_clip(self) -> bool:
        return bool(self.title)

    @property
    def label_indexes(self) -> tuple[int, ...]:
        return tuple(sorted({row.index for row in self.rows if row.index is not None}))


def describe_title(clip: Clip, time_zone: str) -> str:
    begins = datetime.fromtimestamp(clip.start_utc_s, find_time_zone(time_zone))
    return tr("{camera}, {time}", camera=display_name(str(clip.camera)), time=f"{begins:%Y-%m-%d %H:%M:%S}")


def describe_position(clip: Clip, time_utc_s: float, *, of: bool = True) -> str:
    at = _format_seconds(time_utc_s - clip.start_utc_s)
    return f"{at} / {_format_seconds(clip.seconds)}" if of else at


def name_with_keys(names: Sequence[str], *, has_keys: bool = True) -> tuple[tuple[str, str], ...]:
    """Return values and texts of lines or zones; the first nine have a digit as their key."""
    return tuple(
        (name, f"{number}  {display_name(name)}" if has_keys and number <= 9 else display_name(name))
        for number, name in enumerate(names, start=1)
    )


def describe_following(draft: ClipDraft) -> str:
    """Describe the followed visitor; empty without one."""
    zone = draft.followed_zone
    if zone is None:
        return ""
    return tr("Following a visitor in {zone}: press Enter when they leave.", zone=display_name(str(zone)))


def describe_todo(draft: ClipDraft, *, middle: int, is_counting: bool) -> str:
    """Describe what to click while people are counted, otherwise which labels all four numbers still need."""
    if is_counting:
        return tr("Click the feet of every person in the picture.")
    lacks = []
    if not any(isinstance(step, HeadCountStarted) for step in draft.steps) and middle >= 0:
        lacks.append(tr("people in the middle of the clip were not counted (H)"))
    if not any(isinstance(step, StayStarted) for step in draft.steps):
        lacks.append(tr("no visitor was followed through a zone (Enter)"))
    return "" if not lacks else tr("Missing: {lacks}.", lacks=tr(", ").join(lacks))


def list_rows(draft: ClipDraft, find_index: Callable[[float], int]) -> tuple[LabelRow, ...]:
    """Return the labels of a clip, in order of time; a head count stands for its clicks."""
    rows: list[tuple[float, LabelRow]] = []
    zone = ""
    for number, step in enumerate(draft.steps):
        match step:
            case CrossingLabel(line, time_s, direction):
                way = tr("in") if direction == "in" else tr("out")
                text = tr("{line}: {way}", line=display_name(str(line)), way=way)
            case HeadCountStarted(time_s):
                count = _count_clicks(draft, number)
                text = trn("{n} person in view", "{n} people in view", count)
            case StayStarted(of_zone, entered_s):
                zone = display_name(str(of_zone))
                time_s = draft.clip.start_utc_s if entered_s is None else entered_s
                known = tr("enters {zone}", zone=zone)
                text = tr("was in {zone} before", zone=zone) if entered_s is None else known
            case StayEnded(left_s):
                time_s = draft.clip.end_utc_s if left_s is None else left_s
                known = tr("leaves {zone}", zone=zone)
                text = tr("stays in {zone}", zone=zone) if left_s is None else known
            case PlaceLabel():
                time_s, text = step.time_utc_s, tr("a mark on the floor")
            case _:
                continue
        at = _format_seconds(time_s - draft.clip.start_utc_s)
        rows.append((time_s, LabelRow(number, find_index(time_s), f"{at}  {text}")))
    return tuple(row for _time, row in sorted(rows, key=lambda pair: (pair[0], pair[1].step)))


def list_marks(draft: ClipDraft, time_utc_s: float) -> tuple[Point, ...]:
    marks: list[Point] = []
    is_now = False
    for step in draft.steps:
        if isinstance(step, HeadCountStarted):
            is_now = abs(step.time_utc_s - time_utc_s) < _SAME_INSTANT_S
        elif isinstance(step, HeadClicked) and is_now:
            marks.append(step.uv_px)
    return tuple(marks)


def _count_clicks(draft: ClipDraft, begun: int) -> int:
    count = 0
    for step in draft.steps[begun + 1 :]:
        if isinstance(step, HeadCountStarted):
            break
        count += isinstance(step, HeadClicked)
    return count


def _format_seconds(seconds: float) -> str:
    minutes, rest = divmod(max(0.0, seconds), 60)
    return f"{int(minutes)}:{rest:04.1f}"


_SAME_INSTANT_S = 1e-3


class ClipLabellingViewModel(ComposedViewModel[ClipLabellingState]):
    """The labelling of a clip, without any of the system's counts, which would bias it."""

    labelled = Signal(object)
    """The changed `ClipDraft`, after each step."""
    finished = Signal(object)
    """The `ClipDraft` of a completely labelled clip."""
    skipped = Signal(object, str)
    """(`Clip`, reason)"""

    def __init__(self, *, clock: Clock | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock or SystemClock()
        self.playback = ClipPlayback(clock=clock, parent=self)
        self._plan = PlanProjector()
        self._venue: Venue | None = None
        self._store: ClipStore | None = None
        self._draft: ClipDraft | None = None
        self._before: list[ClipDraft] = []
        self._after: list[ClipDraft] = []
        self._seen_lines: tuple[LineId, ...] = ()
        self._line = self._zone = ""
        self._frame: ClipFrame | None = None
        self._message = ""
        self._is_finished = False
        self._state = ClipLabellingState()
        self.playback.moved.connect(self._on_moved)
        self.playback.changed.connect(self.refresh)

    @property
    def clip(self) -> Clip | None:
        return None if self._draft is None else self._draft.clip

    def open(
        self,
        clip: Clip,
        *,
        store: ClipStore,
        venue: Venue,
        lines: tuple[LineId, ...],
        known: ClipDraft | None = None,
    ) -> None:
        """Open a clip.

        Args:
            lines: those that its camera sees whole.
            known: its earlier labels.

        Raises:
            ClipError: the clip is gone.
        """
        times = store.list_times(clip)
        frame = store.open_frame(clip, times[0])
        draft = known or ClipDraft(clip, frame.size_wh, lines)
        self._venue, self._store, self._draft = venue, store, draft
        self._before, self._after = [], []
        self._seen_lines, self._message, self._is_finished = lines, "", False
        self._line = str(lines[0]) if lines else ""
        zones = self._list_shapes(PicturedKind.ZONE)
        self._zone = zones[0].name if zones else ""
        self._frame = None
        self.playback.show(times)
        self._on_moved()

    def close(self) -> None:
        self._store, self._draft, self._frame = None, None, None
        self.playback.show(())
        self.refresh()

    def choose_line(self, number: int) -> None:
        """Select the line of a digit, counted from 1."""
        if 1 <= number <= len(self._seen_lines):
            self._line = str(self._seen_lines[number - 1])
            self.refresh()

    def choose_line_named(self, name: str) -> None:
        self._line = name
        self.refresh()

    def choose_zone(self, name: str) -> None:
        self._zone = name
        self.refresh()

    def choose_next_zone(self) -> None:
        names = [item.name for item in self._list_shapes(PicturedKind.ZONE)]
        if names:
            at = names.index(self._zone) if self._zone in names else -1
            self.choose_zone(names[(at + 1) % len(names)])

    def count_lines(self, is_counted: bool) -> None:
        """Set whether every crossing in this clip is labelled; otherwise lines are not scored."""
        draft = self._draft
        if draft is None:
            return
        if is_counted:
            self._push(replace(draft, lines=self._seen_lines))
        elif any(isinstance(step, CrossingLabel) for step in draft.steps):
            self._show_message(tr("Remove this clip's crossings first."))
        else:
            self._push(replace(draft, lines=()))

    def cross(self, direction: str) -> None:
        """Label a crossing of the selected line at the current time, ``in`` or ``out``."""
        if not self._line:
            self._show_message(tr("This camera does not see any line completely."))
        elif self._draft is not None:
            self._push(self._draft.cross(LineId(self._line), self._now_s(), direction))

    def toggle_stay(self, *, was_inside: bool = False) -> None:
        """Label the followed visitor as leaving the zone now, or start following one who enters.

        Args:
            was_inside: the newly followed visitor was inside when the clip began.
        """
        draft, now_s = self._draft, self._now_s()
        if draft is None:
            return
        begun = next((step for step in reversed(draft.steps) if isinstance(step, StayStarted)), None)
        if draft.followed_zone is None:
            if not self._zone:
                self._show_message(tr("This camera sees no zone."))
                return
            self._push(draft.enter(ZoneId(self._zone), None if was_inside else now_s))
        elif begun is not None and begun.time_utc_s is not None and now_s <= begun.time_utc_s:
            self._show_message(
                tr("The visitor cannot leave before entering. Move forward in the clip first.")
            )
        else:
            self._push(draft.leave(now_s))

    def start_head_count(self) -> None:
        """Start a head count: the first in the middle of the clip, further ones at the current time.

        An instant that is fixed before anybody looks is not one at which counting happens to be easy.
        """
        draft = self._draft
        if draft is None:
            return
        self.playback.stop()
        if not any(isinstance(step, HeadCountStarted) for step in draft.steps):
            self.playback.jump(self._find_middle())
        elif self._is_at_head_count():
            return
        self._push(draft.start_head_count(self._now_s()))

    def click(self, uv_px: Point) -> None:
        """Add the feet of a person if a head count is open at the current time."""
        if self._draft is None:
            return
        if not self._is_at_head_count() or self.playback.is_playing:
            self._show_message(tr("Press H first, then click between the feet of everyone in view."))
            return
        self._push(self._draft.click_head(uv_px))

    def undo(self) -> None:
        if self._before and self._draft is not None and not self._is_finished:
            self._after.append(self._draft)
            self._take(self._before.pop())

    def redo(self) -> None:
        if self._after and self._draft is not None and not self._is_finished:
            self._before.append(self._draft)
            self._take(self._after.pop())

    def jump_to(self, step: int) -> None:
        index = next((row.index for row in self._state.rows if row.step == step), None)
        if index is not None:
            self.playback.step(index - self.playback.index)

    def jump_to_next_label(self, by: int) -> None:
        """Show the picture of the next label (1) or of the previous one (-1)."""
        here = self.playback.index
        indexes = self._state.label_indexes
        ahead = [index for index in indexes if (index - here) * by > 0]
        if ahead:
            self.playback.step((min(ahead) if by > 0 else max(ahead)) - here)

    def remove(self, step: int) -> None:
        if self._draft is not None and 0 <= step < len(self._draft.steps):
            self._push(self._draft.without(step))

    def finish(self) -> None:
        draft = self._draft
        if draft is None or self._is_finished:
            return
        if not draft.lines and not draft.steps:
            self._show_message(tr("This clip has no labels. Count people with H, or skip the clip."))
            return
        self.playback.stop()
        self._is_finished, self._message = True, ""
        self.refresh()
        self.finished.emit(draft)

    def label_as_empty(self) -> None:
        """Label the clip as empty: no crossings, and no people in its middle."""
        draft = self._draft
        if draft is None or self._is_finished:
            return
        if draft.steps:
            self._show_message(tr("This clip already has labels: finish the clip or undo the labels."))
            return
        self.playback.stop()
        self.playback.jump(self._find_middle())
        self._push(draft.start_head_count(self._now_s()))
        self.finish()

    def skip(self, reason: str) -> None:
        """Skip the clip for a ``reason``."""
        if self._draft is not None and not self._is_finished:
            self.playback.stop()
            self.skipped.emit(self._draft.clip, reason)

    def _push(self, draft: ClipDraft) -> None:
        if self._draft is None or self._is_finished or draft == self._draft:
            return
        self._before.append(self._draft)
        self._after.clear()
        self._take(draft)

    def _take(self, draft: ClipDraft) -> None:
        self._draft, self._message = draft, ""
        self.refresh()
        self.labelled.emit(draft)

    def _show_message(self, message: str) -> None:
        self._message = message
        self.refresh()

    def _on_moved(self) -> None:
        if self._store is None or self._draft is None:
            self._frame = None
        else:
            try:
                self._frame = self._store.open_frame(self._draft.clip, self._now_s())
            except ClipError as error:
                report = describe_error(error, translate=tr)
                self._store, self._frame = None, None
                self._message = join_sentences((report.problem, report.remedy))
                self.playback.stop()
        self.refresh()

    def _now_s(self) -> float:
        return self.playback.time_utc_s

    def _find_middle(self) -> int:
        clip = self.clip
        return 0 if clip is None else self.playback.find_index((clip.start_utc_s + clip.end_utc_s) / 2)

    def _is_at_head_count(self) -> bool:
        heads = [s for s in (self._draft.steps if self._draft else ()) if isinstance(s, HeadCountStarted)]
        return bool(heads) and abs(heads[-1].time_utc_s - self._now_s()) < _SAME_INSTANT_S

    def _list_shapes(self, kind: PicturedKind | None = None) -> tuple[PicturedShape, ...]:
        if self._venue is None or self._draft is None:
            return ()
        found = self._plan.find(self._venue, str(self._draft.clip.camera), self._draft.frame_size_wh)
        return tuple(item for item in found if kind is None or item.kind is kind)

    def _find_ref(self, shapes: tuple[PicturedShape, ...], is_following: bool) -> Shape | None:
        part, name = (Part.ZONES, self._zone) if is_following else (Part.LINES, self._line)
        refs = [f.ref for f in shapes if isinstance(f.ref, Shape)]
        return next((ref for ref in refs if (ref.part, ref.name) == (part, name)), None)

    def _compose(self) -> ClipLabellingState:
        draft, playback = self._draft, self.playback
        if draft is None:
            return ClipLabellingState(message=self._message)
        shapes = self._list_shapes()
        followed = draft.followed_zone
        middle_s = playback.find_index((draft.clip.start_utc_s + draft.clip.end_utc_s) / 2)
        zones = tuple(item.name for item in shapes if item.kind is PicturedKind.ZONE)
        is_counting = self._is_at_head_count() and not playback.is_playing and not self._is_finished
        assert self._venue is not None
        return ClipLabellingState(
            title=describe_title(draft.clip, self._venue.exhibition.time_zone),
            frame=self._frame,
            frame_wh=draft.frame_size_wh,
            shapes=shapes,
            index=playback.index,
            count=playback.count,
            position=describe_position(draft.clip, self._now_s()),
            is_playing=playback.is_playing,
            speed=playback.speed,
            lines=name_with_keys(tuple(map(str, self._seen_lines))),
            zones=tuple((name, words) for name, words in name_with_keys(zones, has_keys=False)),
            line=self._line,
            zone=self._zone,
            chosen_ref=self._find_ref(shapes, followed is not None),
            counts_lines=bool(draft.lines),
            rows=list_rows(draft, playback.find_index),
            marks=list_marks(draft, self._now_s()),
            is_counting=is_counting,
            count_at=describe_position(draft.clip, draft.clip.start_utc_s + draft.clip.seconds / 2, of=False),
            following=describe_following(draft),
            todo=describe_todo(draft, middle=middle_s, is_counting=is_counting),
            message=self._message,
            can_undo=bool(self._before) and not self._is_finished,
            can_redo=bool(self._after) and not self._is_finished,
            can_label_as_empty=not draft.steps and not self._is_finished,
            is_finished=self._is_finished,
        )
