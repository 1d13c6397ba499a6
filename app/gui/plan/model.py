"""View-model of the plan editor: each edit is checked, saved at once, and can be undone."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Unpack

from PySide6.QtCore import Signal

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from app.core.change_set import ChangeSet, Part
from app.core.document import DEFAULT_GEOMETRY, Venue
from app.gui.plan.text import describe_version
from app.gui.session.plan_editor_history import NO_STEPS, StepTitles, find_shape_after
from app.gui.session.plan_editor_writer import EditingViewModel, EditTask
from app.gui.session.translation import tr
from app.gui.session.view_model import CachedValue, VenueParts
from app.plan.copied_shapes import CopyZones, find_free_name
from app.plan.doors import RefuseDoor, add_door
from app.plan.edit_geometry import (
    AddShape,
    InsertVertex,
    MoveShape,
    MoveVertex,
    RemoveShape,
    RenameShape,
    StartVersion,
)
from app.plan.floor_scene import FloorScene, describe_floor
from app.plan.plan_shapes import (
    EditableShape,
    GeometryEdit,
    PlanItem,
    Shape,
    find_plan_item,
    list_editable_shapes,
    list_points,
    newest_version_utc_s,
)
from app.plan.saved_edits import SavedEdit


@dataclass(frozen=True, slots=True)
class PlanEditorState:
    """Everything that the page shows.

    Attributes:
        scene: the floor without editable shapes except the hall and its obstacles.
        shapes: the editable ones.
        selected: the selected shape; ``item`` is its object.
        version_text: from when edits apply.
    """

    has_venue: bool = False
    scene: FloorScene | None = None
    shapes: tuple[EditableShape, ...] = ()
    selected: Shape | None = None
    item: PlanItem | None = None
    message: str = ""
    can_paste: bool = False
    steps: StepTitles = NO_STEPS
    version_text: str = ""


@dataclass(frozen=True, slots=True)
class StandsPreview:
    """A preview of a grid of stands.

    Attributes:
        shapes: everything on the plan, the stands last.
        text: number of stands, or why they are impossible.
    """

    shapes: tuple[EditableShape, ...] = ()
    text: str = ""
    is_possible: bool = False


PASTE_OFFSET_M = 0.5
"""Offset of a pasted copy, which would otherwise hide its original."""


class PlanEditorViewModel(EditingViewModel[PlanEditorState]):
    """The plan editor; writes edits in order and shows what is saved."""

    edited = Signal(object)
    """The `Venue` after an edit, an undo or a redo."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(PlanEditorState(), **parts)
        self._gesture = 0
        self._copied: tuple[Zone | CountingLine, ...] = ()
        self._selected: Shape | None = None
        self._scene: CachedValue[FloorScene] = CachedValue()
        self._shapes: CachedValue[tuple[EditableShape, ...]] = CachedValue()
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.changed.connect(self._on_changed)
        self._on_venue_opened()

    def select(self, shape: Shape | None) -> None:
        self._gesture += 1
        if shape != self._selected or self._failure is not None:
            self._selected, self._failure = shape, None
            self._show()

    def select_named(self, part: str, name: str) -> None:
        """Select a zone, line or obstacle of the newest version by name, if it exists."""
        found = (f.shape for f in self._state.shapes if (f.shape.part, f.shape.name) == (part, name))
        self.select(next(found, None))

    def add_polygon(self, points: tuple[Point, ...]) -> bool:
        """Create a zone; False, with a message, if its corners are invalid."""
        name = self._find_name(Part.ZONES)
        try:
            outline = Polygon.from_points(points, what=Phrase("zone '{name}'", {"name": name}))
        except GeometryError as error:
            return self._refuse(error)
        return self._add(Zone(ZoneId(name), ZoneKind.BOOTH, outline))

    def add_line(self, points: tuple[Point, ...]) -> bool:
        """Create a counting line; False, with a message, if its points are invalid."""
        name = self._find_name(Part.LINES)
        try:
            path = Polyline.from_points(points, what=Phrase("line '{name}'", {"name": name}))
        except GeometryError as error:
            return self._refuse(error)
        return self._add(CountingLine(LineId(name), ZoneKind.ENTRANCE, path))

    def edit(self, edit: GeometryEdit, *, gesture: Hashable = None) -> bool:
        """Save an edit; False, with a message, if it is invalid. Edits of one gesture are one undo step."""
        self._gesture += 1
        return self._try(edit, self._selected, gesture=gesture)

    def answer_door(self, place_m: Point, is_door: bool) -> bool:
        """Draw an entrance where people appear and disappear, or record that there is no door."""
        venue = self.app_state.venue
        if venue is None:
            return False
        return self.edit(add_door(venue, place_m, tr("Door")) if is_door else RefuseDoor(place_m))

    def edit_selected(self, make: Callable[[Shape], GeometryEdit]) -> bool:
        """Save an edit of the selected object; False if none is selected."""
        return self._selected is not None and self.edit(make(self._selected))

    def add_corner(self, after: int | None) -> bool:
        """Add a corner in the middle of a side of the selected object; None: the first side."""
        item = next((f for f in self._state.shapes if f.shape == self._selected), None)
        if item is None:
            return False
        middles = item.middles
        side = min(after or 0, len(middles) - 1)
        return self.edit_selected(partial(InsertVertex, after=side, at_m=middles[side]))

    def nudge(self, vertex: int | None, by_m: Point) -> None:
        """Nudge the selected object or one of its corners; successive nudges are one undo step."""
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
                return MoveShape(shape, (round(right, 6), round(up, 6)))
            x_m, y_m = list_points(find_plan_item(venue, shape))[vertex]
            return MoveVertex(shape, vertex, (round(x_m + right, 6), round(y_m + up, 6)))

        self._nudges[gesture] = by_m
        self._writer.push(EditTask(make, gesture=gesture, shape=shape))

    def list_copyable(self) -> tuple[Zone | CountingLine, ...]:
        """Return the selected zone or line, or all if none is selected."""
        venue, item = self.app_state.venue, self._state.item
        if isinstance(item, Zone | CountingLine):
            return (item,)
        geometry = DEFAULT_GEOMETRY if venue is None else venue.geometry_at(None)
        return (*geometry.zones, *geometry.lines)

    def copy(self) -> None:
        self._copied = self.list_copyable()
        self._show()

    def paste(self) -> bool:
        """Paste the copies: slightly offset in their own venue, in place in another."""
        venue = self.app_state.venue
        if venue is None or not self._copied:
            return False
        geometry = venue.geometry_at(None)
        is_here = any(item in (*geometry.zones, *geometry.lines) for item in self._copied)
        by_m = (PASTE_OFFSET_M, -PASTE_OFFSET_M) if is_here else (0.0, 0.0)
        return self.add_copies(CopyZones(self._copied, by_m, version_utc_s=geometry.valid_from_utc_s))

    def add_copies(self, edit: CopyZones) -> bool:
        self._gesture += 1
        part = Part.ZONES if isinstance(edit.items[0], Zone) else Part.LINES
        used = [f.shape.name for f in self._state.shapes if f.shape.part is part]
        name = find_free_name(str(edit.items[0].name), used=used)
        return self._try(edit, Shape(part, name, edit.version_utc_s))

    def remove_selected(self) -> None:
        self.edit_selected(RemoveShape)

    def rename(self, name: str) -> bool:
        if self._selected is None:
            return False
        self._gesture += 1
        renamed = dataclasses.replace(self._selected, name=name.strip())
        return self._try(RenameShape(self._selected, name), renamed)

    def start_version(self) -> None:
        self._gesture += 1
        self._try(StartVersion(self._clock.now_utc_s()), None)

    def undo(self) -> None:
        self._gesture += 1
        super().undo()

    def redo(self) -> None:
        self._gesture += 1
        super().redo()

    def _find_name(self, part: Part) -> str:
        used = {f.shape.name for f in self._state.shapes if f.shape.part is part}
        for number in itertools.count(1):
            word = tr("Zone {name}", name=number) if part is Part.ZONES else tr("Line {name}", name=number)
            if word not in used:
                return word
        raise AssertionError

    def _add(self, item: Zone | CountingLine) -> bool:
        venue = self.app_state.venue
        if venue is None:
            return False
        self._gesture += 1
        part = Part.ZONES if isinstance(item, Zone) else Part.LINES
        version_utc_s = newest_version_utc_s(venue)
        return self._try(AddShape(item, version_utc_s), Shape(part, str(item.name), version_utc_s))

    def _try(self, edit: GeometryEdit, shape: Shape | None, *, gesture: Hashable = None) -> bool:
        venue = self.app_state.venue
        return venue is not None and self._push_edit(venue, edit, shape, gesture)

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
        item: PlanItem | None = None
        if self._selected is not None:
            try:
                item = find_plan_item(venue, self._selected)
            except GeometryError:
                # it or its version was removed, by an undo or another user
                self._selected = None
        return PlanEditorState(
            has_venue=True,
            # the obstacles are among the shapes
            scene=self._scene.find(
                (venue.folder, venue.plan.outline, venue.plan.picture, venue.cameras),
                lambda: dataclasses.replace(describe_floor(venue, DEFAULT_GEOMETRY), obstacles=()),
            ),
            # a choice redraws nothing
            shapes=self._shapes.find(
                (venue.plan.outline, venue.plan.obstacles, venue.geometry_at(None)),
                lambda: list_editable_shapes(venue),
            ),
            selected=self._selected,
            item=item,
            message="" if self._failure is None else self._failure.to_text(tr),
            can_paste=bool(self._copied),
            steps=self._writer.steps.titles,
            version_text=describe_version(venue),
        )
