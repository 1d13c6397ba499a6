"""Edits of planned cameras, as values."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.planned_camera import PlannedCamera, check_planned_camera
from app.core.document import Venue

MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class AddPlannedCamera:
    """Add a planned camera to the plan."""

    camera: PlannedCamera

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase("Plan camera '{name}'", {"name": self.camera.name})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: a figure is out of its limits, or the name is taken.
        """
        _check_name(venue, str(self.camera.name))
        camera = check_planned_camera(self.camera)
        return replace(venue, planned_cameras=(*venue.planned_cameras, camera))


@dataclass(frozen=True, slots=True)
class ChangePlannedCamera:
    """Change the mounting, lens or name of a planned camera."""

    name: str
    camera: PlannedCamera

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase("Change planned camera '{name}'", {"name": self.name})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: there is no such camera, a figure is out of its limits, or the name is taken.
        """
        index, _before = find_planned_camera(venue, self.name)
        camera = check_planned_camera(self.camera)
        if camera.name != self.name:
            _check_name(venue, str(camera.name))
        cameras = venue.planned_cameras
        return replace(venue, planned_cameras=(*cameras[:index], camera, *cameras[index + 1 :]))


@dataclass(frozen=True, slots=True)
class RemovePlannedCamera:
    """Remove a planned camera from the plan."""

    name: str

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase("Delete planned camera '{name}'", {"name": self.name})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: there is no such camera.
        """
        index, _before = find_planned_camera(venue, self.name)
        cameras = venue.planned_cameras
        return replace(venue, planned_cameras=(*cameras[:index], *cameras[index + 1 :]))


def find_planned_camera(venue: Venue, name: str) -> tuple[int, PlannedCamera]:
    """Return a planned camera and its index in the list.

    Raises:
        GeometryError: there is none of that name.
    """
    for index, camera in enumerate(venue.planned_cameras):
        if camera.name == name:
            return index, camera
    raise GeometryError("There is no planned camera '{name}'.", "Choose one on the plan.", name=name)


def _check_name(venue: Venue, name: str) -> None:
    if not name.strip() or name != name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise GeometryError(
            "'{name}' is not a valid camera name.",
            "Use 1 to {most} characters, with no leading or trailing space.",
            name=name,
            most=MAX_NAME,
        )
    if name in venue.camera_names or name in [camera.name for camera in venue.planned_cameras]:
        raise GeometryError("There is already a camera '{name}'.", "Choose another name.", name=name)
