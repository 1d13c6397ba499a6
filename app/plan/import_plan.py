"""Import of a plan file into a venue: a picture to draw on, or the hall and its obstacles in metres."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import ClassVar

from analytics.domain.errors import Phrase, VenueError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan, Obstacle, PlanPicture
from app.core.document import Venue
from app.error_reporting import convert_error
from app.plan.copied_shapes import find_free_name
from app.plan_import.imported_plan import ImportedPlan, Pixels
from resources.atomic_file import write_bytes_atomically


@dataclass(frozen=True, slots=True)
class PlacePlan:
    """Place an imported picture, hall or obstacles below the zones; None keeps the present ones."""

    picture: PlanPicture | None = None
    outline: Polygon | None = None
    obstacles: tuple[Obstacle, ...] = ()

    words: ClassVar[Phrase] = Phrase("Import a plan")

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit."""
        plan, names = venue.plan, [obstacle.name for obstacle in venue.plan.obstacles]
        added = []
        for obstacle in self.obstacles:
            names.append(find_free_name(obstacle.name, used=names))
            added.append(Obstacle(names[-1], obstacle.outline))
        changed = FloorPlan(
            self.outline or plan.outline, self.picture or plan.picture, (*plan.obstacles, *added)
        )
        return replace(venue, plan=changed)


def place_plan(venue: Venue, plan: ImportedPlan, *, takes_hall: bool = True) -> PlacePlan:
    """Return the edit that places a plan below the zones; its picture is copied into the venue's folder.

    A picture is made as wide as the hall, until its scale is set by two points and a length.

    Args:
        takes_hall: the hall becomes the outline of a DXF file.

    Raises:
        VenueError: the folder cannot be written.
    """
    if plan.picture is None:
        return PlacePlan(outline=plan.outline if takes_hall else None, obstacles=plan.obstacles)
    left, bottom, right, _top = venue.plan.outline.to_shape().bounds
    metres_per_pixel = (right - left) / plan.picture.shape[1]
    return PlacePlan(
        PlanPicture(_store_picture(venue.folder, plan.picture), metres_per_pixel, (left, bottom))
    )


def _store_picture(folder: Path, picture: Pixels) -> str:
    """Write a picture, named by its content, beside the former one, so that the import can be undone."""
    from PIL import Image

    encoded = BytesIO()
    Image.fromarray(picture).save(encoded, "PNG")
    content = encoded.getvalue()
    file = folder / f"plan-{hashlib.sha256(content).hexdigest()[:12]}.png"
    if not file.exists():
        try:
            write_bytes_atomically(file, content)
        except OSError as error:
            raise convert_error(VenueError, error, file=file) from error
    return file.name
