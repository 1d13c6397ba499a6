"""View-model of planned cameras and the coverage of the floor."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Unpack

from PySide6.QtCore import QTimer

from analytics.domain.errors import ExpoFlowError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId
from analytics.domain.planned_camera import PlannedCamera, check_planned_camera
from app.core.change_set import ChangeSet, Part
from app.core.document import Venue
from app.core.job import JobContext
from app.coverage.camera_mounting import MountedCamera, list_mounted_cameras, mount_planned
from app.coverage.coverage_map import (
    MAX_DRAGGED_CELLS,
    CoverageLayer,
    CoverageMap,
    CoverageSurvey,
    ZoneCoverage,
)
from app.coverage.coverage_report import (
    CameraGlyph,
    CoverageReport,
    ShownLayer,
    advise_venue,
    report_coverage,
)
from app.coverage.edit_planned_camera import (
    AddPlannedCamera,
    ChangePlannedCamera,
    RemovePlannedCamera,
    find_planned_camera,
)
from app.coverage.mounting_advice import MountingAdvice
from app.gui.coverage.text import (
    AdviceRow,
    CameraRow,
    LayerLegend,
    describe_advice,
    describe_cameras,
    describe_legend,
    describe_place,
    describe_summary,
    shade_layer,
)
from app.gui.session.plan_editor_history import NO_STEPS, StepTitles
from app.gui.session.plan_editor_writer import EditingViewModel, EditTask
from app.gui.session.translation import tr
from app.gui.session.view_model import CachedValue, VenueParts
from app.plan.copied_shapes import find_free_name
from app.plan.floor_scene import FloorScene, compute_visible_floor, describe_floor
from app.plan.plan_shapes import GeometryEdit, Shape
from app.plan.saved_edits import SavedEdit


@dataclass(frozen=True, slots=True)
class CoveragePlannerState:
    """Everything that the page shows.

    Attributes:
        selected: name of the selected camera; ``planned`` holds it if it is planned.
    """

    has_venue: bool = False
    scene: FloorScene | None = None
    glyphs: tuple[CameraGlyph, ...] = ()
    rows: tuple[CameraRow, ...] = ()
    selected: str = ""
    planned: PlannedCamera | None = None
    layer: CoverageLayer = CoverageLayer.CAMERAS
    shown: ShownLayer | None = None
    legend: LayerLegend = field(default_factory=LayerLegend)
    zones: tuple[ZoneCoverage, ...] = ()
    advice: tuple[AdviceRow, ...] = ()
    summary: str = ""
    advice_summary: str = ""
    message: str = ""
    steps: StepTitles = NO_STEPS


class CoverageCache:
    """Cached inputs of the venue's coverage drawing."""

    def __init__(self) -> None:
        self._survey: CachedValue[CoverageSurvey] = CachedValue()
        self._mounted: CachedValue[tuple[MountedCamera, ...]] = CachedValue()
        self._moved: CachedValue[tuple[MountedCamera, ...]] = CachedValue()
        self._shown: CachedValue[ShownLayer] = CachedValue()
        self._scene: CachedValue[FloorScene] = CachedValue()

    def follow(self, venue: Venue, dragged: PlannedCamera) -> CoverageMap:
        """Return the coverage with a dragged camera, on cells coarse enough for live updates."""
        survey = self._survey.find(
            venue.plan, lambda: CoverageSurvey(venue.plan, max_cells=MAX_DRAGGED_CELLS)
        )
        return survey.survey(self.list_cameras(venue, dragged))

    def list_cameras(self, venue: Venue, dragged: PlannedCamera | None) -> tuple[MountedCamera, ...]:
        """Return every camera; unchanged ones are the same objects as before."""
        key = (venue.cameras, venue.planned_cameras, venue.plan.outline)
        mounted = self._mounted.find(key, lambda: list_mounted_cameras(venue))
        if dragged is None:
            return mounted

        def replace_dragged() -> tuple[MountedCamera, ...]:
            moved = mount_planned(dragged, hall=venue.plan.outline)
            return tuple(
                moved if camera.is_planned and camera.name == dragged.name else camera for camera in mounted
            )

        return self._moved.find((*key, dragged), replace_dragged)

    def shade(self, layer: CoverageLayer, coverage: CoverageMap | None) -> ShownLayer | None:
        if coverage is None:
            return None
        return self._shown.find((coverage, layer), lambda: shade_layer(layer, coverage))

    def find_scene(self, venue: Venue) -> FloorScene:
        """Return the floor with its zones, without cameras, which are drawn separately."""
        geometry = venue.geometry_at(None)
        return self._scene.find(
            (venue.folder, venue.plan, geometry),
            lambda: describe_floor(dataclasses.replace(venue, cameras=()), geometry),
        )


def list_glyphs(
    cameras: tuple[MountedCamera, ...], *, selected: str, hall: Polygon | None = None
) -> tuple[CameraGlyph, ...]:
    """Return a symbol for every mounted camera; with a hall, including the selected one's visible floor."""
    glyphs = []
    for camera in cameras:
        if camera.mounting is None:
            continue
        pose, size_wh = camera.mounting.pose, camera.view.frame_size_wh
        view = None
        if camera.name == selected and hall is not None:
            view = compute_visible_floor(camera.name, camera.view.geometry, size_wh, outline=hall)
        glyphs.append(
            CameraGlyph(
                name=camera.name,
                x_m=pose.x_m,
                y_m=pose.y_m,
                heading_rad=pose.heading_rad,
                half_fov_rad=math.atan(size_wh[0] / 2 / camera.mounting.focal_px),
                is_planned=camera.is_planned,
                is_selected=camera.name == selected,
                view=() if view is None else view.view,
            )
        )
    return tuple(glyphs)


REPORT_KEY, ADVICE_KEY = "coverage", "coverage advice"
WAIT_MS = 250
"""Delay after an edit, so that a camera turned step by step is measured once."""
BESIDE_M = 1.0
"""Offset of a copied camera, which would otherwise hide its original."""


class CoveragePlannerViewModel(EditingViewModel[CoveragePlannerState]):
    """The coverage planner; recomputes after edits while visible, and coarsely during a drag."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(CoveragePlannerState(), **parts)
        self._is_active, self._is_due = False, True
        self._selected = ""
        self._layer = CoverageLayer.CAMERAS
        self._dragged: PlannedCamera | None = None
        self._drawing = CoverageCache()
        self._report: CoverageReport | None = None
        self._advice: tuple[MountingAdvice, ...] | None = None
        self._coverage: CoverageMap | None = None
        self._gesture = itertools.count()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self._compute)
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.changed.connect(self._on_changed)
        self._on_venue_opened()

    def set_active(self, is_active: bool) -> None:
        """Set whether the page is visible; nothing is computed otherwise."""
        self._is_active = is_active
        if is_active and self._is_due:
            self._timer.start(0)

    def choose_layer(self, layer: CoverageLayer) -> None:
        self._layer = layer
        self._show()

    def select(self, name: str) -> None:
        """Select a camera by its name; empty for none."""
        self._selected, self._failure = name, None
        self._show()

    def describe_place(self, point: tuple[float, float]) -> str:
        return "" if self._coverage is None else describe_place(self._layer, self._coverage, point)

    def add(self, place_m: tuple[float, float]) -> None:
        """Add a planned camera like the selected one, facing the middle of the hall."""
        venue = self.app_state.venue
        if venue is None:
            return
        corners = venue.plan.outline.to_shape().centroid
        heading = math.degrees(math.atan2(corners.y - place_m[1], corners.x - place_m[0]))
        pattern = self._state.planned or PlannedCamera(CameraId(""), 0.0, 0.0)
        camera = dataclasses.replace(
            pattern,
            name=CameraId(self._find_name(venue, tr("Camera {n}", n=len(venue.planned_cameras) + 1))),
            x_m=round(place_m[0], 2),
            y_m=round(place_m[1], 2),
            heading_deg=round(heading, 1),
        )
        self._edit(AddPlannedCamera(camera), str(camera.name))

    def duplicate(self) -> None:
        venue, camera = self.app_state.venue, self._state.planned
        if venue is None or camera is None:
            return
        name = CameraId(self._find_name(venue, str(camera.name)))
        copied = dataclasses.replace(camera, name=name, x_m=round(camera.x_m + BESIDE_M, 2))
        self._edit(AddPlannedCamera(copied), str(name))

    def remove(self) -> None:
        if self._state.planned is not None:
            self._edit(RemovePlannedCamera(self._selected), "")

    def change(self, **figures: object) -> bool:
        """Change values of the selected planned camera; False, with a message, if they are invalid."""
        camera = self._state.planned
        if camera is None:
            return False
        changed = dataclasses.replace(camera, **figures)  # type: ignore[arg-type]
        return self._edit(ChangePlannedCamera(self._selected, changed), str(changed.name))

    def nudge(self, *, right_m: float = 0.0, up_m: float = 0.0, turn_deg: float = 0.0) -> None:
        """Nudge or turn the selected planned camera; successive nudges are one undo step."""
        name = self._selected
        if self._state.planned is None:
            return
        if name in self._nudges:
            # a key that is held down is faster than the disk
            right, up, turn = self._nudges[name]
            self._nudges[name] = (right + right_m, up + up_m, turn + turn_deg)
            return

        def make(venue: Venue) -> GeometryEdit:
            right, up, turn = self._nudges.pop(name)
            _index, camera = find_planned_camera(venue, name)
            moved = dataclasses.replace(
                camera,
                x_m=round(camera.x_m + right, 6),
                y_m=round(camera.y_m + up, 6),
                heading_deg=_turn(camera.heading_deg + turn),
            )
            return ChangePlannedCamera(name, moved)

        self._nudges[name] = (right_m, up_m, turn_deg)
        self._push(make, name, gesture=("nudge", name))

    def drag(
        self, camera: str, *, to_m: tuple[float, float] | None = None, heading_deg: float | None = None
    ) -> None:
        """Show a planned camera moved or turned; nothing is saved before `drop`."""
        venue = self.app_state.venue
        if venue is None:
            return
        known = self._dragged if self._dragged is not None and self._dragged.name == camera else None
        if known is None:
            known = next((c for c in venue.planned_cameras if c.name == camera), None)
        if known is None:
            return
        if to_m is not None:
            known = dataclasses.replace(known, x_m=round(to_m[0], 2), y_m=round(to_m[1], 2))
        if heading_deg is not None:
            known = dataclasses.replace(known, heading_deg=_turn(heading_deg))
        self._selected, self._dragged = camera, check_planned_camera(known)
        self._coverage = self._drawing.follow(venue, self._dragged)
        self._show_dragged(venue, self._dragged)

    def drop(self, *, is_kept: bool = True) -> None:
        """Save the dragged camera, or restore its place."""
        dragged, self._dragged = self._dragged, None
        if dragged is None:
            return
        if not is_kept or not self._edit(ChangePlannedCamera(str(dragged.name), dragged), str(dragged.name)):
            self._recompute()

    def apply_advice(self, row: int) -> None:
        venue, advice = self.app_state.venue, self._advice
        if venue is None or advice is None or not 0 <= row < len(advice):
            return
        piece = advice[row]
        if piece.change is None or piece.camera is None:
            return
        try:
            _index, camera = find_planned_camera(venue, piece.camera)
        except ExpoFlowError:
            return
        pose = piece.change.pose
        changed = dataclasses.replace(
            camera,
            x_m=round(pose.x_m, 2),
            y_m=round(pose.y_m, 2),
            height_m=round(pose.height_m, 2),
            tilt_deg=round(math.degrees(pose.tilt_rad), 1),
            heading_deg=_turn(math.degrees(pose.heading_rad)),
        )
        self._edit(ChangePlannedCamera(piece.camera, changed), piece.camera)

    def _edit(self, edit: GeometryEdit, selected: str) -> bool:
        venue = self.app_state.venue
        if venue is None:
            return False
        return self._push_edit(venue, edit, Shape(Part.PLANNED_CAMERAS, selected), next(self._gesture))

    def _push(self, make: Callable[[Venue], GeometryEdit], selected: str, *, gesture: Hashable) -> None:
        self._writer.push(EditTask(make, gesture=gesture, shape=Shape(Part.PLANNED_CAMERAS, selected)))

    def _find_name(self, venue: Venue, proposed: str) -> str:
        taken = [str(name) for name in venue.camera_names]
        return find_free_name(proposed, used=[*taken, *(str(c.name) for c in venue.planned_cameras)])

    def _recompute(self) -> None:
        self._is_due, self._advice = True, None
        self._show()
        if self._is_active:
            self._timer.start()

    def _compute(self) -> None:
        venue = self.app_state.venue
        if venue is None or not self._is_active:
            return
        self._is_due = False

        def work(context: JobContext) -> tuple[Venue, CoverageReport]:
            return venue, report_coverage(venue, context=context)

        self.job_runner.run_latest(
            REPORT_KEY,
            lambda: tr("Computing camera coverage"),
            work,
            on_done=self._on_computed,
            on_failed=self.report_error,
        )

    def _on_computed(self, result: tuple[Venue, CoverageReport]) -> None:
        venue, report = result
        if venue is self.app_state.venue and self._dragged is None:
            self._report, self._coverage = report, report.coverage
            self._show()
            self._advise(venue)

    def _advise(self, venue: Venue) -> None:
        def work(context: JobContext) -> tuple[Venue, tuple[MountingAdvice, ...]]:
            return venue, advise_venue(venue, context=context)

        self.job_runner.run_latest(
            ADVICE_KEY,
            lambda: tr("Looking for improvements"),
            work,
            on_done=self._on_advised,
            on_failed=self.report_error,
        )

    def _on_advised(self, result: tuple[Venue, tuple[MountingAdvice, ...]]) -> None:
        venue, advice = result
        if venue is self.app_state.venue:
            self._advice = advice
            self._show()

    def _on_written(self, task: EditTask, saved: SavedEdit) -> None:
        self._failure = None
        if task.shape is not None:
            self._selected = task.shape.name
        if saved.changes:
            self.app_state.replace_venue(saved.venue, saved.changes, initiator=self)
        self._recompute()

    def _on_venue_opened(self) -> None:
        self._writer.forget()
        self._nudges.clear()
        self._selected, self._dragged, self._failure = "", None, None
        self._drawing = CoverageCache()
        self._report, self._coverage = None, None
        self._recompute()

    def _on_changed(self, changes: ChangeSet, initiator: object) -> None:
        if initiator is self or not (
            changes.plan or changes.zones or changes.cameras or changes.planned_cameras
        ):
            return
        self._recompute()

    def _show(self) -> None:
        venue = self.app_state.venue
        self._state = CoveragePlannerState(layer=self._layer) if venue is None else self._describe(venue)
        self.state_changed.emit()

    def _show_dragged(self, venue: Venue, dragged: PlannedCamera) -> None:
        """Update only what follows a drag; texts follow when it ends."""
        cameras = self._drawing.list_cameras(venue, dragged)
        self._state = dataclasses.replace(
            self._state,
            glyphs=list_glyphs(cameras, selected=self._selected),
            selected=self._selected,
            planned=dragged,
            shown=self._drawing.shade(self._layer, self._coverage),
        )
        self.state_changed.emit()

    def _describe(self, venue: Venue) -> CoveragePlannerState:
        mounted = self._drawing.list_cameras(venue, self._dragged)
        planned = self._dragged or next((c for c in venue.planned_cameras if c.name == self._selected), None)
        if planned is None and self._selected not in venue.camera_names:
            self._selected = ""
        report = self._report
        return CoveragePlannerState(
            has_venue=True,
            scene=self._drawing.find_scene(venue),
            glyphs=list_glyphs(mounted, selected=self._selected, hall=venue.plan.outline),
            rows=() if report is None else describe_cameras(report.cameras),
            selected=self._selected,
            planned=planned,
            layer=self._layer,
            shown=self._drawing.shade(self._layer, self._coverage),
            legend=describe_legend(self._layer),
            zones=() if report is None else report.zones,
            advice=describe_advice(self._advice or (), [str(c.name) for c in venue.planned_cameras]),
            summary=tr("Please wait") if report is None else describe_summary(report),
            advice_summary=self._summarise_advice(),
            message="" if self._failure is None else self._failure.to_text(tr),
            steps=self._writer.steps.titles,
        )

    def _summarise_advice(self) -> str:
        if self._report is not None and not self._report.zones:
            return tr("Draw zones on the plan to get advice on their coverage.")
        if self._advice is None:
            return tr("Please wait")
        return "" if self._advice else tr("All zones are covered well.")


def _turn(heading_deg: float) -> float:
    """Normalise a direction to -180 to 180 degrees, rounded to a tenth."""
    return round((heading_deg + 180.0) % 360.0 - 180.0, 1)
