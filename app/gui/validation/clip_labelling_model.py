"""One clip while a person says what is seen in it: each key is a step that can be taken back."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ClipError
from analytics.domain.identifiers import LineId, ZoneId
from analytics.evaluation.clip_labels import Clip, CrossingLabel
from app.cameras.pictured_figures import FigureKind, PicturedFigure
from app.core.document import Venue
from app.error_reporting import describe_error
from app.gui.canvas.camera_picture_items import PlanOnPictures
from app.gui.session.translation import tr
from app.gui.session.view_model import ViewModel
from app.gui.validation.clip_labelling_state import ClipLabellingState
from app.gui.validation.clip_labelling_words import (
    describe_following,
    describe_position,
    describe_title,
    describe_todo,
    list_marks,
    list_rows,
    name_with_keys,
)
from app.gui.validation.clip_playback import ClipPlayback
from app.plan.floor_scene import Point
from app.plan.plan_shapes import Part, Shape
from app.validation.validation_clips import ClipFrame, ClipStore
from app.validation.validation_draft import ClipDraft, HeadCountBegun, StayBegun

_SAME_INSTANT_S = 1e-3


class ClipLabellingViewModel(ViewModel[ClipLabellingState]):
    """Knows nothing of what the system counted: whoever labels must not, either."""

    labelled = Signal(object)
    """A `ClipDraft`, after each step: what is to be kept."""
    finished = Signal(object)
    """The `ClipDraft` of a clip that was looked at to its end."""
    skipped = Signal(object, str)
    """(`Clip`, reason)"""

    def __init__(self, *, clock: Clock | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock or SystemClock()
        self.playback = ClipPlayback(clock=clock, parent=self)
        self._plan = PlanOnPictures()
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
        """The clip that is looked at."""
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
        """Look at a clip.

        Args:
            lines: those that its camera sees whole.
            known: what was said of it before.

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
        zones = self._list_figures(FigureKind.ZONE)
        self._zone = zones[0].name if zones else ""
        self._frame = None
        self.playback.show(times)
        self._on_moved()

    def close(self) -> None:
        """Look at nothing; the picture is forgotten."""
        self._store, self._draft, self._frame = None, None, None
        self.playback.show(())
        self.refresh()

    def choose_line(self, number: int) -> None:
        """Choose the line of a digit, counted from 1."""
        if 1 <= number <= len(self._seen_lines):
            self._line = str(self._seen_lines[number - 1])
            self.refresh()

    def choose_line_named(self, name: str) -> None:
        """Choose a line."""
        self._line = name
        self.refresh()

    def choose_zone(self, name: str) -> None:
        """Choose the zone through which a visitor is followed."""
        self._zone = name
        self.refresh()

    def choose_next_zone(self) -> None:
        """Choose the next zone that the picture shows."""
        names = [figure.name for figure in self._list_figures(FigureKind.ZONE)]
        if names:
            at = names.index(self._zone) if self._zone in names else -1
            self.choose_zone(names[(at + 1) % len(names)])

    def count_lines(self, is_counted: bool) -> None:
        """Say whether every crossing in this clip is labelled; otherwise the clip says nothing of lines."""
        draft = self._draft
        if draft is None:
            return
        if is_counted:
            self._push(replace(draft, lines=self._seen_lines))
        elif any(isinstance(step, CrossingLabel) for step in draft.steps):
            self._complain(tr("Remove the crossings first: this clip has some."))
        else:
            self._push(replace(draft, lines=()))

    def cross(self, direction: str) -> None:
        """Somebody crosses the chosen line at this instant, ``in`` or ``out``."""
        if not self._line:
            self._complain(tr("This camera sees no line as a whole."))
        elif self._draft is not None:
            self._push(self._draft.cross(LineId(self._line), self._now_s(), direction))

    def pass_zone_edge(self, *, was_inside: bool = False) -> None:
        """The visitor who is followed leaves the zone now; with nobody followed, one enters.

        Args:
            was_inside: the one who is followed from now on was inside when the clip began.
        """
        draft, now_s = self._draft, self._now_s()
        if draft is None:
            return
        begun = next((step for step in reversed(draft.steps) if isinstance(step, StayBegun)), None)
        if draft.followed_zone is None:
            if not self._zone:
                self._complain(tr("This camera sees no zone."))
                return
            self._push(draft.enter(ZoneId(self._zone), None if was_inside else now_s))
        elif begun is not None and begun.time_utc_s is not None and now_s <= begun.time_utc_s:
            self._complain(tr("The visitor cannot leave before having entered. Go on in the clip first."))
        else:
            self._push(draft.leave(now_s))

    def begin_heads(self) -> None:
        """Count everybody in view: the first time in the middle of the clip, then at the instant shown.

        An instant that is fixed before anybody looks is not one at which counting happens to be easy.
        """
        draft = self._draft
        if draft is None:
            return
        self.playback.stop()
        if not any(isinstance(step, HeadCountBegun) for step in draft.steps):
            self.playback.jump(self._find_middle())
        elif self._is_at_heads():
            return
        self._push(draft.begin_heads(self._now_s()))

    def click(self, uv_px: Point) -> None:
        """Somebody's feet, where heads are being counted at this instant."""
        if self._draft is None:
            return
        if not self._is_at_heads() or self.playback.is_playing:
            self._complain(tr("Press H first: then everybody in view is clicked, between their feet."))
            return
        self._push(self._draft.click_head(uv_px))

    def undo(self) -> None:
        """Take the last step back, and show where it was made."""
        if self._before and self._draft is not None and not self._is_finished:
            self._after.append(self._draft)
            self._take(self._before.pop())

    def redo(self) -> None:
        """Make again what was taken back last."""
        if self._after and self._draft is not None and not self._is_finished:
            self._before.append(self._draft)
            self._take(self._after.pop())

    def jump_to(self, step: int) -> None:
        """Show the picture at which a label was made."""
        index = next((row.index for row in self._state.rows if row.step == step), None)
        if index is not None:
            self.playback.step(index - self.playback.index)

    def jump_to_next_label(self, by: int) -> None:
        """Show the picture of the next label (1) or of the one before (-1)."""
        here = self.playback.index
        indexes = self._state.label_indexes
        ahead = [index for index in indexes if (index - here) * by > 0]
        if ahead:
            self.playback.step((min(ahead) if by > 0 else max(ahead)) - here)

    def remove(self, step: int) -> None:
        """Remove a label with what belongs to it."""
        if self._draft is not None and 0 <= step < len(self._draft.steps):
            self._push(self._draft.without(step))

    def finish(self) -> None:
        """The clip was looked at to its end, and everything in it is labelled."""
        draft = self._draft
        if draft is None or self._is_finished:
            return
        if not draft.lines and not draft.steps:
            self._complain(tr("Nothing was labelled in this clip. Count people with H, or skip the clip."))
            return
        self.playback.stop()
        self._is_finished, self._message = True, ""
        self.refresh()
        self.finished.emit(draft)

    def say_nothing_here(self) -> None:
        """Nobody crosses a line, and nobody is in view in the middle of the clip."""
        draft = self._draft
        if draft is None or self._is_finished:
            return
        if draft.steps:
            self._complain(tr("This clip has labels already: finish it, or take them back."))
            return
        self.playback.stop()
        self.playback.jump(self._find_middle())
        self._push(draft.begin_heads(self._now_s()))
        self.finish()

    def skip(self, reason: str) -> None:
        """This clip cannot be labelled, because of ``reason``."""
        if self._draft is not None and not self._is_finished:
            self.playback.stop()
            self.skipped.emit(self._draft.clip, reason)

    def refresh(self) -> None:
        """Say what is otherwise than before, in the language in force."""
        state = self._compose()
        if state != self._state:
            self._state = state
            self.state_changed.emit()

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

    def _complain(self, message: str) -> None:
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
                self._message = f"{report.problem} {report.remedy}"
                self.playback.stop()
        self.refresh()

    def _now_s(self) -> float:
        return self.playback.time_utc_s

    def _find_middle(self) -> int:
        clip = self.clip
        return 0 if clip is None else self.playback.find_index((clip.start_utc_s + clip.end_utc_s) / 2)

    def _is_at_heads(self) -> bool:
        heads = [s for s in (self._draft.steps if self._draft else ()) if isinstance(s, HeadCountBegun)]
        return bool(heads) and abs(heads[-1].time_utc_s - self._now_s()) < _SAME_INSTANT_S

    def _list_figures(self, kind: FigureKind | None = None) -> tuple[PicturedFigure, ...]:
        if self._venue is None or self._draft is None:
            return ()
        found = self._plan.find(self._venue, str(self._draft.clip.camera), self._draft.frame_size_wh)
        return tuple(figure for figure in found if kind is None or figure.kind is kind)

    def _find_ref(self, figures: tuple[PicturedFigure, ...], is_following: bool) -> Shape | None:
        part, name = (Part.ZONES, self._zone) if is_following else (Part.LINES, self._line)
        refs = [f.ref for f in figures if isinstance(f.ref, Shape)]
        return next((ref for ref in refs if (ref.part, ref.name) == (part, name)), None)

    def _compose(self) -> ClipLabellingState:
        draft, playback = self._draft, self.playback
        if draft is None:
            return ClipLabellingState(message=self._message)
        figures = self._list_figures()
        followed = draft.followed_zone
        middle_s = playback.find_index((draft.clip.start_utc_s + draft.clip.end_utc_s) / 2)
        zones = tuple(figure.name for figure in figures if figure.kind is FigureKind.ZONE)
        assert self._venue is not None
        return ClipLabellingState(
            title=describe_title(draft.clip, self._venue.exhibition.time_zone),
            frame=self._frame,
            frame_wh=draft.frame_size_wh,
            figures=figures,
            index=playback.index,
            count=playback.count,
            position=describe_position(draft.clip, self._now_s()),
            is_playing=playback.is_playing,
            speed=playback.speed,
            lines=name_with_keys(tuple(map(str, self._seen_lines))),
            zones=tuple((name, words) for name, words in name_with_keys(zones, has_keys=False)),
            line=self._line,
            zone=self._zone,
            chosen_ref=self._find_ref(figures, followed is not None),
            counts_lines=bool(draft.lines),
            rows=list_rows(draft, playback.find_index),
            marks=list_marks(draft, self._now_s()),
            is_counting=self._is_at_heads() and not playback.is_playing and not self._is_finished,
            count_at=describe_position(draft.clip, draft.clip.start_utc_s + draft.clip.seconds / 2, of=False),
            following=describe_following(draft),
            todo=describe_todo(draft, middle=middle_s),
            message=self._message,
            can_undo=bool(self._before) and not self._is_finished,
            can_redo=bool(self._after) and not self._is_finished,
            can_say_nothing=not draft.steps and not self._is_finished,
            is_finished=self._is_finished,
        )
