"""Zones and lines as the cameras of a recording see them, projected once for each change of either."""

from __future__ import annotations

from analytics.domain.errors import CalibrationError
from app.cameras.pictured_figures import PicturedFigure, list_plan_figures
from app.core.document import Venue


class PlanOnPictures:
    """Remembers what it projected: a live wall asks ten times a second."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[object, ...], tuple[PicturedFigure, ...]]] = {}

    def find(self, venue: Venue, camera: str, size_wh: tuple[int, int] | None) -> tuple[PicturedFigure, ...]:
        """What a camera sees of the newest zones and lines, in pixels of its stream.

        Args:
            size_wh: of the stream's pictures; None while it is not known.

        Returns:
            The same tuple as before where nothing has changed; empty for a camera without a calibration,
            and for a stream of another shape than it was calibrated in.
        """
        if size_wh is None:
            return ()
        known = venue.camera(camera).camera
        key = (known, venue.geometry_at(None), size_wh)
        found = self._known.get(camera)
        if found is None or found[0] != key:
            found = key, _project(venue, camera, size_wh)
            self._known[camera] = found
        return found[1]

    def forget(self) -> None:
        """Another venue is shown."""
        self._known.clear()


def _project(venue: Venue, camera: str, size_wh: tuple[int, int]) -> tuple[PicturedFigure, ...]:
    try:
        geometry = venue.camera_geometry(camera)
        # refuses another shape
        venue.camera(camera).camera.scaled_to(size_wh)
    except CalibrationError:
        return ()
    if geometry is None:
        return ()
    calibrated_wh = venue.camera(camera).camera.frame_size_wh or size_wh
    seen = list_plan_figures(venue, geometry.scaled_from(calibrated_wh, size_wh), size_wh)
    return tuple(figure for figure in seen if figure.can_be_chosen and figure.pieces)
