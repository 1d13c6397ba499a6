"""Import of a plan file into a venue: a picture to draw on, or the hall and its obstacles in metres."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import ClassVar

from analytics.domain.errors import GeometryError, Phrase, VenueError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import Obstacle, PlanPicture
from app.core.document import Venue
from app.core.file_format import read_venue
from app.error_reporting import convert_error
from app.plan.copied_shapes import find_free_name
from app.plan.plan_shapes import Change, Part
from app.plan.saved_edits import SavedEdit, save_edit
from app.plan_import.imported_plan import ImportedPlan, Pixels
from app.plan_import.plan_file import ReadingOptions, read_plan_file
from resources.atomic_file import write_bytes_atomically


@dataclass(frozen=True, slots=True)
class PlanScale:
    """The scale of a picture as given by the user; the first known value applies.

    Without any, the picture is made as wide as the hall, until the scale is set by two points and a length.

    Attributes:
        metres_per_pixel: of the imported picture.
        one_to: 200 for a drawing of 1:200 with a known sheet size.
    """

    metres_per_pixel: float | None = None
    one_to: float | None = None


@dataclass(frozen=True, slots=True)
class PlacePlan:
    """Place an imported picture, hall or obstacles below the zones; None keeps the present ones."""

    picture: PlanPicture | None = None
    outline: Polygon | None = None
    obstacles: tuple[Obstacle, ...] = ()

    words: ClassVar[Phrase] = Phrase("Import a plan")

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """Return the changes that the edit makes to a venue."""
        changes: list[Change] = []
        plan = venue.plan
        if self.picture is not None and self.picture != plan.picture:
            changes.append(Change(Part.PICTURE, plan.picture, self.picture))
        if self.outline is not None and self.outline != plan.outline:
            changes.append(Change(Part.OUTLINE, plan.outline, self.outline))
        names = [obstacle.name for obstacle in plan.obstacles]
        for obstacle in self.obstacles:
            named = Obstacle(find_free_name(obstacle.name, used=names), obstacle.outline)
            changes.append(Change(Part.OBSTACLES, None, named, len(names)))
            names.append(named.name)
        return tuple(changes)


def import_plan(
    folder: Path,
    file: Path,
    *,
    options: ReadingOptions | None = None,
    scale: PlanScale | None = None,
    takes_hall: bool = True,
) -> SavedEdit:
    """Read a plan file and place it below a venue's zones; the file is not needed afterwards.

    Args:
        takes_hall: the hall becomes what the file shows: the outline of a DXF file, or the whole picture
            where its scale is given.

    Raises:
        VenueError: the file or the folder cannot be read or written, or the options do not fit the file.
        GeometryError: the scale is none.
    """
    plan = read_plan_file(file, options=options)
    return save_edit(
        folder, place_plan(read_venue(folder), plan, file_name=file.name, scale=scale, takes_hall=takes_hall)
    )


def place_plan(
    venue: Venue,
    plan: ImportedPlan,
    *,
    file_name: str,
    scale: PlanScale | None = None,
    takes_hall: bool = True,
) -> PlacePlan:
    """Return the edit that places a plan below the zones; its picture is copied into the venue's folder.

    Args:
        file_name: of the file that was read, for errors.
        takes_hall: as for `import_plan`.

    Raises:
        VenueError: the folder cannot be written, or the file does not have what the scale needs.
        GeometryError: the scale is none.
    """
    if plan.picture is None:
        return PlacePlan(outline=plan.outline if takes_hall else None, obstacles=plan.obstacles)
    metres_per_pixel = _find_scale(plan, scale or PlanScale(), file_name)
    left, bottom, right, _top = venue.plan.outline.to_shape().bounds
    is_known = metres_per_pixel is not None
    height, width = plan.picture.shape[:2]
    if metres_per_pixel is None:
        metres_per_pixel = (right - left) / width
    outline = None
    if is_known and takes_hall:
        size_m = (width * metres_per_pixel, height * metres_per_pixel)
        left, bottom = 0.0, 0.0
        outline = Polygon.from_points(
            [(0.0, 0.0), (size_m[0], 0.0), size_m, (0.0, size_m[1])], what=Phrase("the hall")
        )
    picture = PlanPicture(_store_picture(venue.folder, plan.picture), metres_per_pixel, (left, bottom))
    return PlacePlan(picture=picture, outline=outline)


def _find_scale(plan: ImportedPlan, scale: PlanScale, file_name: str) -> float | None:
    found = scale.metres_per_pixel
    if found is None and scale.one_to is not None:
        found = plan.scale_of_drawing(scale.one_to)
        if found is None:
            raise VenueError(
                "{file} does not state its sheet size.",
                "Import it without a scale, then set the scale from two points and a length.",
                file=file_name,
            )
    if found is not None and not 1e-5 <= found <= 100:
        raise GeometryError(
            "A pixel of the plan would be {scale:g} m wide.",
            "Enter the scale as a number of metres, or as 200 for a drawing of 1:200.",
            scale=found,
        )
    return found


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
