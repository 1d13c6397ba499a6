"""Edits of planned cameras, as values that say what they change."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.planned_camera import PlannedCamera, check_planned_camera
from app.core.document import Venue
from app.plan.plan_shapes import Change, Part

MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class AddPlannedCamera:
    """Put a camera on the plan that is not there yet."""

    camera: PlannedCamera

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Plan camera '{name}'", {"name": self.camera.name})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: a figure is out of its limits, or the name is taken.
        """
        _check_name(venue, str(self.camera.name))
        camera = check_planned_camera(self.camera)
        return (Change(Part.PLANNED_CAMERAS, None, camera, len(venue.planned_cameras)),)


@dataclass(frozen=True, slots=True)
class ChangePlannedCamera:
    """Hang a planned camera otherwise, give it another lens, or another name."""

    name: str
    camera: PlannedCamera

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Change planned camera '{name}'", {"name": self.name})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such camera, a figure is out of its limits, or the name is taken.
        """
        index, before = find_planned_camera(venue, self.name)
        camera = check_planned_camera(self.camera)
        if camera.name != self.name:
            _check_name(venue, str(camera.name))
        return () if camera == before else (Change(Part.PLANNED_CAMERAS, before, camera, index),)


@dataclass(frozen=True, slots=True)
class RemovePlannedCamera:
    """Take a planned camera off the plan."""

    name: str

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Delete planned camera '{name}'", {"name": self.name})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such camera.
        """
        index, before = find_planned_camera(venue, self.name)
        return (Change(Part.PLANNED_CAMERAS, before, None, index),)


def find_planned_camera(venue: Venue, name: str) -> tuple[int, PlannedCamera]:
    """A planned camera and its place in the list of them.

    Raises:
        GeometryError: there is none of that name.
    """
    for index, camera in enumerate(venue.planned_cameras):
        if camera.name == name:
            return index, camera
    raise GeometryError("There is no planned camera '{name}'.", "Choose one of those on the plan.", name=name)


def _check_name(venue: Venue, name: str) -> None:
    if not name.strip() or name != name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise GeometryError(
            "'{name}' is no name for a camera.",
            "Give one of 1 to {most} characters, without a space at either end.",
            name=name,
            most=MAX_NAME,
        )
    if name in venue.camera_names or name in [camera.name for camera in venue.planned_cameras]:
        raise GeometryError("There is a camera '{name}' already.", "Choose another name.", name=name)
