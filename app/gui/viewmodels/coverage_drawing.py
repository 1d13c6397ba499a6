"""What of the planner's plan is the same as before, so that it is neither measured nor painted again."""

from __future__ import annotations

import dataclasses
import math

from analytics.domain.floor_geometry import Polygon
from analytics.domain.planned_camera import PlannedCamera
from app.gui.viewmodels.coverage_words import shade_layer
from app.operations.camera_mounting import MountedCamera, list_mounted, mount_planned
from app.operations.coverage_map import MOST_DRAGGED_CELLS, CoverageLayer, CoverageMap, CoverageSurvey
from app.operations.coverage_scene import CameraGlyph, ShownLayer
from app.operations.floor_scene import FloorScene, describe_floor, outline_view
from app.venue.document import Venue


class CoverageDrawing:
    """Remembers the last of everything that a venue's plan is drawn of."""

    def __init__(self) -> None:
        self._survey: tuple[object, CoverageSurvey | None] = (None, None)
        self._mounted: tuple[tuple[object, ...], tuple[MountedCamera, ...]] = ((), ())
        self._moved: tuple[tuple[object, ...], tuple[MountedCamera, ...]] = ((), ())
        self._shown: tuple[tuple[object, ...], ShownLayer | None] = ((), None)
        self._scene: tuple[tuple[object, ...], FloorScene | None] = ((), None)

    def follow(self, venue: Venue, dragged: PlannedCamera) -> CoverageMap:
        """The map with a camera that is being dragged, on cells so large that it keeps up with the hand."""
        plan, survey = self._survey
        if survey is None or plan is not venue.plan:
            survey = CoverageSurvey(venue.plan, most_cells=MOST_DRAGGED_CELLS)
            self._survey = (venue.plan, survey)
        return survey.survey(self.list_cameras(venue, dragged))

    def list_cameras(self, venue: Venue, dragged: PlannedCamera | None) -> tuple[MountedCamera, ...]:
        """Every camera; those that have not changed are the same objects as before."""
        key = (venue.cameras, venue.planned_cameras, venue.plan.outline)
        if key != self._mounted[0]:
            self._mounted = (key, list_mounted(venue))
        if dragged is None:
            return self._mounted[1]
        if (*key, dragged) != self._moved[0]:
            moved = mount_planned(dragged, hall=venue.plan.outline)
            cameras = tuple(
                moved if camera.is_planned and camera.name == dragged.name else camera
                for camera in self._mounted[1]
            )
            self._moved = ((*key, dragged), cameras)
        return self._moved[1]

    def shade(self, layer: CoverageLayer, coverage: CoverageMap | None) -> ShownLayer | None:
        """The map as it is painted."""
        if coverage is None:
            return None
        if self._shown[0] != (coverage, layer):
            self._shown = ((coverage, layer), shade_layer(layer, coverage))
        return self._shown[1]

    def find_scene(self, venue: Venue) -> FloorScene | None:
        """The floor with its zones, and without cameras, which are drawn otherwise here."""
        key = (venue.folder, venue.plan, venue.geometry_at(None))
        if self._scene[0] != key:
            scene = describe_floor(dataclasses.replace(venue, cameras=()), venue.geometry_at(None))
            self._scene = (key, scene)
        return self._scene[1]


def list_glyphs(
    cameras: tuple[MountedCamera, ...], *, selected: str, hall: Polygon | None = None
) -> tuple[CameraGlyph, ...]:
    """Every camera of which it is known how it hangs; with a hall, also what the chosen one sees of it."""
    glyphs = []
    for camera in cameras:
        if camera.mounting is None:
            continue
        pose, size_wh = camera.mounting.pose, camera.view.frame_size_wh
        view = None
        if camera.name == selected and hall is not None:
            view = outline_view(camera.name, camera.view.geometry, size_wh, outline=hall)
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
