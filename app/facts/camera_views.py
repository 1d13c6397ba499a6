"""What a venue's cameras see of its floor."""

from __future__ import annotations

from analytics.metrics.coverage import CameraView
from app.core.document import Venue


def find_views(venue: Venue) -> tuple[CameraView, ...]:
    """What the calibrated cameras of a venue see; one without a frame size is left out."""
    views = []
    for entry in venue.cameras:
        geometry = venue.camera_geometry(entry.name)
        if geometry is not None and entry.camera.frame_size_wh is not None:
            views.append(
                CameraView(entry.name, geometry, entry.camera.frame_size_wh, entry.camera.unobserved)
            )
    return tuple(views)
