"""View-model of a camera's picture on which masks, zones and lines are drawn."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError, ExpoFlowError
from app.cameras.edit_masks import AddMask, MaskPart, RemoveMask, SetMaskCorners, SetMayBeDark
from app.cameras.mask_kind import MaskKind
from app.cameras.pictured_shapes import (
    PicturedKind,
    PicturedRef,
    PicturedShape,
    find_floor_points,
    list_masks,
    list_pictured_shapes,
)
from app.cameras.probe_camera import probe_camera
from app.core.credentials import CredentialStore, open_credential_store
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport, describe_error
from app.gui.plan.model import PlanEditorViewModel
from app.gui.session.app_state import AppState
from app.gui.session.calibration_picture import Box, CameraPicture, ProbeCamera, fetch_camera_picture
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.plan_editor_history import NO_STEPS, StepTitles
from app.gui.session.translation import display_name, tr
from app.gui.session.view_model import CachedValue, ViewModel
from app.plan.edit_geometry import InsertVertex, MoveShape, MoveVertex, RemoveVertex
from app.plan.floor_scene import Point
from app.plan.plan_shapes import GeometryEdit, Shape


@dataclass(frozen=True, slots=True)
class PicturedRow:
    """A list row for a mask, zone or line in the picture."""

    ref: PicturedRef
    text: str


@dataclass(frozen=True, slots=True)
class CameraPictureState:
    """Everything that the window shows.

    Attributes:
        frame_wh: size in whose pixels everything is given; None while unknown.
        picture: in memory only, people made unrecognisable.
        shapes: in drawing order.
        corners: latest ones of the selected shape; None for corners outside of the picture.
        can_draw_floor: zones and lines can be drawn.
        note: reason why they cannot.
        may_be_dark: black pictures of the camera count as observed.
    """

    camera: str
    frame_wh: tuple[int, int] | None = None
    picture: CameraPicture | None = None
    shapes: tuple[PicturedShape, ...] = ()
    rows: tuple[PicturedRow, ...] = ()
    selected: PicturedRef | None = None
    corners: tuple[Point | None, ...] = ()
    can_draw: bool = False
    can_draw_floor: bool = False
    note: str = ""
    message: str = ""
    busy: str = ""
    problem: str = ""
    remedy: str = ""
    steps: StepTitles = NO_STEPS
    may_be_dark: bool = False


class CameraStill:
    """The camera's picture, in which people are made unrecognisable.

    Attributes:
        busy: work in progress as text; empty for none.
        failure: reason why there is no newer picture.
    """

    def __init__(
        self,
        camera: str,
        *,
        job_runner: JobRunner,
        monitor: PipelineMonitor,
        open_credentials: Callable[[], CredentialStore],
        probe: ProbeCamera,
        on_changed: Callable[[], None],
    ) -> None:
        self._name, self._job_runner, self._monitor = camera, job_runner, monitor
        self._open_credentials, self._probe = open_credentials, probe
        self._on_changed = on_changed
        self._work: JobHandle | None = None
        self.picture: CameraPicture | None = None
        self.busy = ""
        self.failure: ErrorReport | None = None

    def fetch(self, venue: Venue) -> None:
        self.stop()
        recorded, people_xyxy = self._monitor.preview(self._name), self._list_people()

        def work(context: JobContext) -> CameraPicture:
            return fetch_camera_picture(
                self._name,
                venue=venue,
                recorded=recorded,
                people_xyxy=people_xyxy,
                open_credentials=self._open_credentials,
                context=context,
                probe=self._probe,
            )

        self.busy = tr("Fetching a picture of {camera}", camera=display_name(self._name))
        self.failure = None
        self._on_changed()
        handle = self._job_runner.run(self.busy, work, on_done=self._take, on_failed=self._fail)
        if not handle.is_finished:
            self._work = handle

    def stop(self) -> None:
        if self._work is not None:
            self._work.cancel()
            self._work, self.busy = None, ""
            self._on_changed()

    def clear(self) -> None:
        self._on_changed = _ignore
        self.stop()
        self.picture = None

    def _take(self, picture: CameraPicture) -> None:
        self._work, self.busy, self.picture = None, "", picture
        self._on_changed()

    def _fail(self, report: ErrorReport) -> None:
        self._work, self.busy, self.failure = None, "", report
        self._on_changed()

    def _list_people(self) -> list[Box]:
        """Return all people just detected in the recording's picture, counted or not."""
        status = self._monitor.status
        found = None if status is None else next((c for c in status.cameras if c.camera == self._name), None)
        return [] if found is None else [*(track.xyxy for track in found.tracks), *found.found_xyxy]


def _ignore() -> None:
    pass


_ROWS_ORDER = (PicturedKind.PRIVACY, PicturedKind.IGNORE, PicturedKind.ZONE, PicturedKind.LINE)


def describe_misfit(camera: Camera, picture: CameraPicture | None) -> str:
    """Return why drawing is impossible: the picture's shape differs from that of the masks and points."""
    if picture is None:
        return ""
    try:
        camera.scaled_to(picture.frame_wh)
    except CalibrationError as error:
        return describe_error(error).to_text(tr)
    return ""


def describe_floor_note(geometry: CameraGeometry | None) -> str:
    """Return why zones and lines cannot be drawn; empty if they can."""
    if geometry is None:
        return tr("The camera is not calibrated: masks can be drawn; zones and lines need its calibration.")
    return ""


def list_rows(shapes: Sequence[PicturedShape]) -> tuple[PicturedRow, ...]:
    shown = [item for item in shapes if item.can_be_chosen and item.pieces]
    shown.sort(key=lambda item: _ROWS_ORDER.index(item.kind))
    return tuple(PicturedRow(item.ref, name_pictured_shape(item)) for item in shown)


def name_pictured_shape(item: PicturedShape) -> str:
    match item.kind:
        case PicturedKind.PRIVACY:
            return tr("Privacy mask {number}", number=item.number + 1)
        case PicturedKind.IGNORE:
            return tr("Ignore mask {number}", number=item.number + 1)
        case PicturedKind.LINE:
            return tr("Line '{name}'", name=display_name(item.name))
        case _:
            return tr("Zone '{name}'", name=display_name(item.name))


_MASKS = {PicturedKind.PRIVACY: MaskKind.PRIVACY, PicturedKind.IGNORE: MaskKind.IGNORE}


class CameraPictureViewModel(ViewModel[CameraPictureState]):
    """The view-model of one open picture; its edits go through the plan editor."""

    def __init__(
        self,
        camera: str,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        monitor: PipelineMonitor,
        editor: PlanEditorViewModel,
        open_credentials: Callable[[], CredentialStore] | None = None,
        probe: ProbeCamera = probe_camera,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._name = camera
        self._app_state, self._editor = app_state, editor
        self._still = CameraStill(
            camera,
            job_runner=job_runner,
            monitor=monitor,
            open_credentials=open_credentials or open_credential_store,
            probe=probe,
            on_changed=self.refresh,
        )
        self._refusal: ErrorReport | None = None
        self._mask: MaskPart | None = None
        self._moved: tuple[Point | None, ...] | None = None
        self._unwritten = 0
        self._gesture = 0
        self._plan_shapes: CachedValue[tuple[PicturedShape, ...]] = CachedValue()
        self._state = CameraPictureState(camera)
        editor.select(None)
        editor.edited.connect(self._on_edited)
        editor.state_changed.connect(self._on_editor_changed)
        self.refresh()

    def open(self) -> None:
        self.fetch_picture()

    def close(self) -> None:
        self._editor.edited.disconnect(self._on_edited)
        self._editor.state_changed.disconnect(self._on_editor_changed)
        self._editor.select(None)
        self._still.clear()

    def stop(self) -> None:
        self._still.stop()

    def fetch_picture(self) -> None:
        venue = self._app_state.venue
        if venue is not None:
            self._still.fetch(venue)

    def select(self, ref: PicturedRef | None) -> None:
        self._gesture += 1
        self._mask = ref if isinstance(ref, MaskPart) else None
        self._moved, self._refusal, self._unwritten = None, None, 0
        self._editor.select(ref if isinstance(ref, Shape) else None)
        self.refresh()

    def draw(self, kind: PicturedKind, corners_px: Sequence[Point]) -> bool:
        """Create a mask, zone or line from corners; False, with a message, if they are invalid."""
        frame_wh = self._state.frame_wh
        venue = self._app_state.venue
        if frame_wh is None or venue is None:
            return False
        self._refusal = None
        if kind in _MASKS:
            mask = _MASKS[kind]
            camera = venue.camera(self._name).camera
            count = len(camera.privacy_mask if mask is MaskKind.PRIVACY else camera.mask)
            self.select(MaskPart(camera.name, mask, count))
            edit = AddMask(camera.name, mask, tuple(corners_px), frame_wh)
            return self._push(partial(self._editor.edit, edit))
        places = self._find_places(corners_px)
        if places is None:
            return False
        self._mask = None
        add = self._editor.add_line if kind is PicturedKind.LINE else self._editor.add_polygon
        return self._push(partial(add, places))

    def move_corner(self, index: int, to_px: Point) -> bool:
        """Move a corner of the selected object, counted from 0."""
        self._gesture += 1
        return self._move_corner(index, to_px, gesture=None)

    def nudge(self, index: int | None, by_px: Point) -> bool:
        """Nudge a corner of the selected object, or all of it; successive nudges are one undo step."""
        corners = self._state.corners
        gesture = ("picture", self._state.selected, index, self._gesture)
        if index is not None:
            corner = corners[index] if 0 <= index < len(corners) else None
            if corner is None:
                return False
            return self._move_corner(index, (corner[0] + by_px[0], corner[1] + by_px[1]), gesture=gesture)
        moved = tuple(None if c is None else (c[0] + by_px[0], c[1] + by_px[1]) for c in corners)
        return self._move_all(moved, gesture=gesture)

    def insert_corner(self, after: int, at_px: Point) -> bool:
        """Insert a corner into the selected object after another, counted from 0."""
        self._gesture += 1
        if isinstance(self._state.selected, MaskPart):
            corners = list(self._whole_corners())
            corners.insert(after + 1, at_px)
            return self._push_mask(self._state.selected, corners)
        return self._edit_floor(at_px, lambda shape, place: InsertVertex(shape, after, place))

    def remove_corner(self, index: int) -> bool:
        """Remove a corner of the selected object, counted from 0."""
        self._gesture += 1
        selected = self._state.selected
        if isinstance(selected, MaskPart):
            corners = list(self._whole_corners())
            del corners[index]
            return self._push_mask(selected, corners)
        return isinstance(selected, Shape) and self._push(
            partial(self._editor.edit, RemoveVertex(selected, index))
        )

    def remove_selected(self) -> None:
        selected = self._state.selected
        self._gesture += 1
        if isinstance(selected, MaskPart):
            self._mask = None
            self._push(partial(self._editor.edit, RemoveMask(selected)))
        elif selected is not None:
            self._begin_step()
            self._editor.remove_selected()

    def set_may_be_dark(self, may_be_dark: bool) -> None:
        """Set whether black pictures count as observed, or as a gap."""
        camera = self._find_camera()
        if camera is not None and camera.may_be_dark != may_be_dark:
            self._begin_step()
            self._push(partial(self._editor.edit, SetMayBeDark(camera.name, may_be_dark)))

    def undo(self) -> None:
        self._begin_step()
        if self._state.steps.can_undo:
            self._unwritten += 1
            self._editor.undo()

    def redo(self) -> None:
        self._begin_step()
        if self._state.steps.can_redo:
            self._unwritten += 1
            self._editor.redo()

    def refresh(self) -> None:
        """Recompute the state and emit it if it changed."""
        self._set_state(self._compose())

    def _begin_step(self) -> None:
        self._gesture += 1
        self._moved, self._refusal = None, None

    def _move_corner(self, index: int, to_px: Point, *, gesture: Hashable) -> bool:
        selected, corners = self._state.selected, list(self._state.corners)
        if selected is None or not 0 <= index < len(corners):
            return False
        corners[index] = to_px
        if isinstance(selected, MaskPart):
            return self._move_all(tuple(corners), gesture=gesture)
        return self._edit_floor(
            to_px, lambda shape, place: MoveVertex(shape, index, place), gesture=gesture, moved=tuple(corners)
        )

    def _move_all(self, moved: tuple[Point | None, ...], *, gesture: Hashable) -> bool:
        selected = self._state.selected
        if isinstance(selected, MaskPart):
            return self._push_mask(selected, [c for c in moved if c is not None], gesture=gesture)
        seen = [
            (was, now)
            for was, now in zip(self._state.corners, moved, strict=True)
            if was is not None and now is not None
        ]
        places = self._find_places([place for pair in seen[:1] for place in pair])
        if not isinstance(selected, Shape) or not places:
            return False
        (x0, y0), (x1, y1) = places
        edit = MoveShape(selected, (round(x1 - x0, 6), round(y1 - y0, 6)))
        return self._push(partial(self._editor.edit, edit, gesture=gesture), moved=moved)

    def _edit_floor(
        self,
        at_px: Point,
        make: Callable[[Shape, Point], GeometryEdit],
        *,
        gesture: Hashable = None,
        moved: tuple[Point | None, ...] | None = None,
    ) -> bool:
        selected, places = self._state.selected, self._find_places([at_px])
        if not isinstance(selected, Shape) or places is None:
            return False
        edit = make(selected, places[0])
        return self._push(partial(self._editor.edit, edit, gesture=gesture), moved=moved)

    def _push_mask(self, part: MaskPart, corners: Sequence[Point], *, gesture: Hashable = None) -> bool:
        edit = SetMaskCorners(part, tuple(corners))
        return self._push(partial(self._editor.edit, edit, gesture=gesture), moved=tuple(corners))

    def _push(self, push: Callable[[], bool], *, moved: tuple[Point | None, ...] | None = None) -> bool:
        """Send an edit to the editor; show the moved corners until it is written."""
        self._refusal = None
        self._unwritten += 1
        self._moved = moved
        is_taken = push()
        if not is_taken:
            self._unwritten, self._moved = 0, None
        self.refresh()
        return is_taken

    def _whole_corners(self) -> tuple[Point, ...]:
        return tuple(corner for corner in self._state.corners if corner is not None)

    def _find_places(self, corners_px: Sequence[Point]) -> tuple[Point, ...] | None:
        venue, geometry = self._app_state.venue, self._find_geometry()
        if venue is None or geometry is None:
            return None
        try:
            return find_floor_points(corners_px, geometry=geometry, outline=venue.plan.outline)
        except ExpoFlowError as error:
            self._refusal, self._moved = describe_error(error, translate=tr), None
            self.refresh()
            return None

    def _on_edited(self, _venue: Venue) -> None:
        self._unwritten = max(0, self._unwritten - 1)
        if not self._unwritten:
            self._moved = None
        self.refresh()

    def _on_editor_changed(self) -> None:
        if self._editor.state.message:
            # what was waiting to be written was dropped
            self._unwritten, self._moved = 0, None
        self.refresh()

    def _find_camera(self) -> Camera | None:
        venue = self._app_state.venue
        if venue is None or self._name not in venue.camera_names:
            return None
        return venue.camera(self._name).camera

    def _find_geometry(self) -> CameraGeometry | None:
        venue = self._app_state.venue
        if venue is None or self._find_camera() is None:
            return None
        try:
            return venue.camera_geometry(self._name)
        except CalibrationError:
            return None

    def _find_selected(self, shapes: Sequence[PicturedShape]) -> PicturedShape | None:
        ref: PicturedRef | None = self._mask or self._editor.state.selected
        return next((item for item in shapes if item.ref == ref and item.can_be_chosen), None)

    def _compose(self) -> CameraPictureState:
        venue, camera, picture = self._app_state.venue, self._find_camera(), self._still.picture
        if venue is None or camera is None:
            return CameraPictureState(self._name)
        frame_wh = camera.frame_size_wh or (None if picture is None else picture.frame_wh)
        geometry = self._find_geometry()
        misfit = describe_misfit(camera, picture)
        shapes = list_masks(camera)
        if geometry is not None and frame_wh is not None:
            # a choice projects nothing again
            key = (venue.plan.outline, venue.plan.obstacles, venue.geometry_at(None), geometry, frame_wh)
            seen = self._plan_shapes.find(key, lambda: list_pictured_shapes(venue, geometry, frame_wh))
            shapes = (*seen, *shapes)
        selected = self._find_selected(shapes)
        corners: tuple[Point | None, ...] = ()
        if selected is not None:
            corners = selected.corners if self._moved is None else self._moved
        still = self._still
        failure = None if still.failure is None else still.failure.render(tr)
        editor = self._editor.state
        message = editor.message if self._refusal is None else self._refusal.to_text(tr)
        return CameraPictureState(
            camera=self._name,
            frame_wh=frame_wh,
            picture=picture,
            shapes=shapes,
            rows=list_rows(shapes),
            selected=None if selected is None else selected.ref,
            corners=corners,
            can_draw=frame_wh is not None and not misfit,
            can_draw_floor=geometry is not None and frame_wh is not None and not misfit,
            note=misfit or describe_floor_note(geometry),
            may_be_dark=camera.may_be_dark,
            message=message,
            busy=still.busy,
            problem="" if failure is None else failure.problem,
            remedy="" if failure is None else failure.remedy,
            steps=editor.steps,
        )
