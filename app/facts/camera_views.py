"""Fields of view of a venue's cameras."""

from __future__ import annotations

from analytics.metrics.coverage import CameraView
from app.core.document import Venue


def find_camera_views(venue: Venue) -> tuple[CameraView, ...]:
    """Return the fields of view of the calibrated cameras with a known frame size."""
    views = []
    for entry in venue.cameras:
        geometry = venue.camera_geometry(entry.name)
        if geometry is not None and entry.camera.frame_size_wh is not None:
            views.append(
                CameraView(
                    entry.name,
                    geometry,
                    entry.camera.frame_size_wh,
                    entry.camera.unobserved,
                    entry.camera.gives_persons,
                )
            )
    return tuple(views)


def list_calibrations(venue: Venue) -> tuple[tuple[object, ...], ...]:
    """Return all that the fields of view follow from, as it is stored: for keys, the same on every machine.

    The computed views differ in their last bits from processor to processor.
    """
    return tuple(
        (
            camera.name,
            camera.frame_size_wh,
            camera.pairs,
            camera.pair_sigma_px,
            camera.lens,
            camera.unobserved,
            camera.gives_persons,
        )
        for camera in (entry.camera for entry in venue.cameras)
        if camera.pairs and camera.frame_size_wh is not None
    )
