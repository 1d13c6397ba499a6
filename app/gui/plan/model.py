"""Edits of a venue's plan, zones and lines: each is checked, written at once, and can be taken back."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from app.core.change_set import ChangeSet
from app.core.document import DEFAULT_GEOMETRY, Venue
from app.gui.plan.text import describe_version
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.plan_editor_history import NO_STEPS, StepTitles, find_shape_after
from app.gui.session.plan_editor_writer import EditingViewModel, EditTask
from app.gui.session.translation import tr
from app.gui.session.view_model import CachedValue
from app.plan.copied_shapes import CopyZones, find_free_name
from app.plan.edit_geometry import (
    AddFigure,
    InsertVertex,
    MoveFigure,
    MoveVertex,
    RemoveFigure,
    RenameFigure,
    SetPoints,
    StartVersion,
)
from app.plan.floor_scene import FloorScene, describe_floor
from app.plan.plan_shapes import (
    EditableFigure,
    Figure,
    GeometryEdit,
    Part,
    Shape,
    find_figure,
    list_editable_figures,
    list_points,
    newest_version_utc_s,
)
from app.plan.rectangles import Rectangle
from app.plan.saved_edits import SavedEdit


@dataclass(frozen=True, slots=True)
class PlanEditorState:
    """All that the page shows.

    Attributes:
        scene: the floor without what can be edited but the hall and its obstacles.
        figures: what can be taken hold of.
        selected: which of them is; ``figure`` is it.
        message: an error in words; empty for none.
        version_text: from when on edits count.
    """

    has_venue: bool = False
    scene: FloorScene | None = None
    figures: tuple[EditableFigure, ...] = ()
    selected: Shape | None = None
    figure: Figure | None = None
    message: str = ""
    can_paste: bool = False
    steps: StepTitles = NO_STEPS
    version_text: str = ""


@dataclass(frozen=True, slots=True)
class StandsPreview:
    """What a grid of stands would be.

    Attributes:
        figures: everything on the plan, the stands last.
        text: how many there would be, or why there cannot be any.
    """

    figures: tuple[EditableFigure, ...] = ()
    text: str = ""
    is_possible: bool = False


PASTED_BY_M = 0.5
"""A copy that lay on what it was copied from would not be seen."""


class PlanEditorViewModel(EditingViewModel[PlanEditorState]):
    """Writes one edit after the other; what is shown is what is on disk."""

    edited = Signal(object)
    """The `Venue` after an edit, an undo or a redo."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        clock: Clock | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(app_state=app_state, job_runner=job_runner, parent=parent)
        self._clock = clock or SystemClock()
        self._gesture = 0
        self._copied: tuple[Zone | CountingLine, ...] = ()
        self._selected: Shape | None = None
        self._scene: CachedValue[FloorScene] = CachedValue()
        self._figures: CachedValue[tuple[EditableFigure, ...]] = CachedValue()
        self._state = PlanEditorState()
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.changed.connect(self._on_changed)
        self._on_venue_opened()

    def select(self, shape: Shape | None) -> None:
        """Choose a figure, or none."""
        self._gesture += 1
        if shape != self._selected or self._failure is not None:
            self._selected, self._failure = shape, None
            self._show()

    def select_named(self, part: str, name: str) -> None:
        """Choose a zone, line or obstacle of the newest version by its name; nothing where there is none."""
        found = (f.shape for f in self._state.figures if (f.shape.part, f.shape.name) == (part, name))
        self.select(next(found, None))

    def add_polygon(self, points: tuple[Point, ...]) -> bool:
        """Make a zone of corners; False, with a message, if they make none."""
        name = self._find_name(Part.ZONES)
        try:
            outline = Polygon.from_points(points, what=Phrase("zone '{name}'", {"name": name}))
        except GeometryError as error:
            return self._refuse(error)
        return self._add(Zone(ZoneId(name), ZoneKind.BOOTH, outline))

    def add_line(self, points: tuple[Point, ...]) -> bool:
        """Make a counting line; False, with a message, if they make none."""
        name = self._find_name(Part.LINES)
        try:
            path = Polyline.from_points(points, what=Phrase("line '{name}'", {"name": name}))
        except GeometryError as error:
            return self._refuse(error)
        return self._add(CountingLine(LineId(name), ZoneKind.ENTRANCE, path))

    def edit(self, edit: GeometryEdit, *, gesture: Hashable = None) -> bool:
        """Write an edit; False, with a message, if it cannot be done. Those of one gesture are one step."""
        self._gesture += 1
        return self._try(edit, self._selected, gesture=gesture)

    def edit_selected(self, make: Callable[[Shape], GeometryEdit]) -> bool:
        """Write an edit of the selected figure, as `edit`; False where none is selected."""
        return self._selected is not None and self.edit(make(self._selected))

    def add_corner(self, after: int | None) -> bool:
        """Add a corner in the middle of the side behind one of the selected figure; None: the first side."""
        figure = next((f for f in self._state.figures if f.shape == self._selected), None)
        if figure is None:
            return False
        middles = figure.middles
        side = min(after or 0, len(middles) - 1)
        return self.edit_selected(partial(InsertVertex, after=side, at_m=middles[side]))

    def set_rectangle(self, rectangle: Rectangle) -> bool:
        """Give the selected figure the corners of a rectangle."""
        try:
            points = rectangle.to_points()
        except GeometryError as error:
            return self._refuse(error)
        return self.edit_selected(partial(SetPoints, points=points))

    def nudge(self, vertex: int | None, by_m: Point) -> None:
        """Move the selected figure or a corner of it by a little; several in a row are undone together."""
        shape = self._selected
        if shape is None:
            return

        gesture = ("nudge", shape, vertex, self._gesture)
        if gesture in self._nudges:
            # a key that is held down is faster than the disk
            right, up = self._nudges[gesture]
            self._nudges[gesture] = (right + by_m[0], up + by_m[1])
            return

        def make(venue: Venue) -> GeometryEdit:
            right, up = self._nudges.pop(gesture)
            # keys move by tenths of a metre: what they leave is no 0.30000000000000004
            if vertex is None:
                return MoveFigure(shape, (round(right, 6), round(up, 6)))
            x_m, y_m = list_points(find_figure(venue, shape))[vertex]
            return MoveVertex(shape, vertex, (round(x_m + right, 6), round(y_m + up, 6)))

        self._nudges[gesture] = by_m
        self._writer.push(EditTask(make, gesture=gesture, shape=shape))

    def list_copyable(self) -> tuple[Zone | CountingLine, ...]:
        """The selected zone or line; all where none is chosen."""
        venue, figure = self.app_state.venue, self._state.figure
        if isinstance(figure, Zone | CountingLine):
            return (figure,)
        geometry = DEFAULT_GEOMETRY if venue is None else venue.geometry_at(None)
        return (*geometry.zones, *geometry.lines)

    def copy(self) -> None:
        """Keep what can be copied to be pasted, here or in another venue."""
        self._copied = self.list_copyable()
        self._show()

    def paste(self) -> bool:
        """Add what was copied: in the venue that it is of a little beside it, in another where it was."""
        venue = self.app_state.venue
        if venue is None or not self._copied:
            return False
        geometry = venue.geometry_at(None)
        is_here = any(figure in (*geometry.zones, *geometry.lines) for figure in self._copied)
        by_m = (PASTED_BY_M, -PASTED_BY_M) if is_here else (0.0, 0.0)
        return self.add_copies(CopyZones(self._copied, by_m, version_utc_s=geometry.valid_from_utc_s))

    def add_copies(self, edit: CopyZones) -> bool:
        """Add copies, and select the first, to be moved to its place."""
        self._gesture += 1
        part = Part.ZONES if isinstance(edit.figures[0], Zone) else Part.LINES
        taken = [f.shape.name for f in self._state.figures if f.shape.part is part]
        name = find_free_name(str(edit.figures[0].name), taken=taken)
        return self._try(edit, Shape(part, name, edit.version_utc_s))

    def remove_selected(self) -> None:
        """Remove the selected figure."""
        self.edit_selected(RemoveFigure)

    def rename(self, name: str) -> bool:
        """Give the selected figure another name."""
        if self._selected is None:
            return False
        self._gesture += 1
        renamed = dataclasses.replace(self._selected, name=name.strip())
        return self._try(RenameFigure(self._selected, name), renamed)

    def start_version(self) -> None:
        """Let zones hold from now on that are the present ones, to be changed."""
        self._gesture += 1
        self._try(StartVersion(self._clock.now_utc_s()), None)

    def undo(self) -> None:
        """Take the last step back."""
        self._gesture += 1
        super().undo()

    def redo(self) -> None:
        """Make again what was last taken back."""
        self._gesture += 1
        super().redo()

    def _find_name(self, part: Part) -> str:
        taken = {f.shape.name for f in self._state.figures if f.shape.part is part}
        for number in itertools.count(1):
            word = tr("Zone {name}", name=number) if part is Part.ZONES else tr("Line {name}", name=number)
            if word not in taken:
                return word
        raise AssertionError

    def _add(self, figure: Zone | CountingLine) -> bool:
        venue = self.app_state.venue
        if venue is None:
            return False
        self._gesture += 1
        part = Part.ZONES if isinstance(figure, Zone) else Part.LINES
        version_utc_s = newest_version_utc_s(venue)
        return self._try(AddFigure(figure, version_utc_s), Shape(part, str(figure.name), version_utc_s))

    def _try(self, edit: GeometryEdit, shape: Shape | None, *, gesture: Hashable = None) -> bool:
        venue = self.app_state.venue
        if venue is None:
            return False
        if not self._is_possible(venue, edit):
            return False
        self._writer.push(EditTask(lambda _venue: edit, gesture=gesture, shape=shape))
        return True

    def _on_written(self, task: EditTask, saved: SavedEdit) -> None:
        self._failure = None
        if task.make is not None:
            self._selected = task.shape
        elif self._selected is not None:
            self._selected = find_shape_after(self._selected, saved.step, is_undo=task.is_undo)
        self._take_over(saved)

    def _take_over(self, saved: SavedEdit) -> None:
        if saved.changes:
            self.app_state.replace_venue(saved.venue, saved.changes, initiator=self)
        self._show()
        self.edited.emit(saved.venue)

    def _on_venue_opened(self) -> None:
        self._writer.forget()
        self._nudges.clear()
        self._selected, self._failure = None, None
        self._show()

    def _on_changed(self, changes: ChangeSet, initiator: object) -> None:
        if initiator is not self and (changes.plan or changes.zones or changes.cameras):
            self._show()

    def _show(self) -> None:
        venue = self.app_state.venue
        state = PlanEditorState() if venue is None else self._describe(venue)
        self._state = state
        self.state_changed.emit()

    def _describe(self, venue: Venue) -> PlanEditorState:
        figure: Figure | None = None
        if self._selected is not None:
            try:
                figure = find_figure(venue, self._selected)
            except GeometryError:
                # it was removed, or its version was: by an undo, or by somebody else
                self._selected = None
        return PlanEditorState(
            has_venue=True,
            # the obstacles are among the figures
            scene=self._scene.find(
                (venue.folder, venue.plan.outline, venue.plan.picture, venue.cameras),
                lambda: dataclasses.replace(describe_floor(venue, DEFAULT_GEOMETRY), obstacles=()),
            ),
            # a choice redraws nothing
            figures=self._figures.find(
                (venue.plan.outline, venue.plan.obstacles, venue.geometry_at(None)),
                lambda: list_editable_figures(venue),
            ),
            selected=self._selected,
            figure=figure,
            message="" if self._failure is None else self._failure.to_text(tr),
            can_paste=bool(self._copied),
            steps=self._writer.steps.titles,
            version_text=describe_version(venue),
        )
