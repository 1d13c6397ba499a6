"""Edits of a camera's masks and of its darkness setting; undone like edits of zones and lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analytics.domain.camera import Camera, PixelPolygon, check_pixel_polygon
from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.identifiers import CameraId
from app.cameras.mask_kind import MaskKind
from app.core.document import Venue


@dataclass(frozen=True, slots=True)
class RemoveCamera:
    """Remove a camera from a venue, with its address, calibration and masks.

    What was observed stays in the history, what somebody decided about its tracks in the venue, and its
    password in the credential store: nothing that cannot be taken back is done.
    """

    camera: CameraId

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase("Remove {what}", {"what": Phrase("camera '{name}'", {"name": self.camera})})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            VenueError: there is no such camera.
        """
        entry = venue.camera(self.camera)
        return replace(venue, cameras=tuple(known for known in venue.cameras if known is not entry))


@dataclass(frozen=True, slots=True)
class MaskPart:
    """A reference to one mask polygon; ``index`` counts those of its kind from 0."""

    camera: CameraId
    kind: MaskKind
    index: int


@dataclass(frozen=True, slots=True)
class AddMask:
    """Add a mask polygon.

    Attributes:
        corners_px: in pictures of ``frame_wh``; corners outside the picture are moved to its edge.
    """

    camera: CameraId
    kind: MaskKind
    corners_px: tuple[tuple[float, float], ...]
    frame_wh: tuple[int, int]

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase("Add a {what}", {"what": _name_kind(self.kind)})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: the corners make no polygon.
            CalibrationError: the camera was calibrated in pictures of another shape.
            VenueError: there is no such camera.
        """
        camera = venue.camera(self.camera).camera
        if camera.frame_size_wh is None:
            camera = camera.scaled_to(self.frame_wh)
        assert camera.frame_size_wh is not None
        # refuses pictures of another shape
        camera.scaled_to(self.frame_wh)
        by_u, by_v = (to / drawn for to, drawn in zip(camera.frame_size_wh, self.frame_wh, strict=True))
        corners = [(u * by_u, v * by_v) for u, v in self.corners_px]
        polygons = list_polygons(camera, self.kind)
        return _replace(venue, camera, self.kind, [*polygons, _check(camera, corners, self.kind)])


@dataclass(frozen=True, slots=True)
class SetMaskCorners:
    """Replace the corners of a mask polygon, pixels of the camera's frame size."""

    part: MaskPart
    corners_px: tuple[tuple[float, float], ...]

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase("Change a {what}", {"what": _name_kind(self.part.kind)})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: there is no such part, or the corners make no polygon.
            VenueError: there is no such camera.
        """
        camera = venue.camera(self.part.camera).camera
        polygons = _find_polygons(camera, self.part)
        polygons[self.part.index] = _check(camera, self.corners_px, self.part.kind)
        return _replace(venue, camera, self.part.kind, polygons)


@dataclass(frozen=True, slots=True)
class RemoveMask:
    """Remove a mask polygon."""

    part: MaskPart

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase("Remove a {what}", {"what": _name_kind(self.part.kind)})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: there is no such part.
            VenueError: there is no such camera.
        """
        camera = venue.camera(self.part.camera).camera
        polygons = _find_polygons(camera, self.part)
        del polygons[self.part.index]
        return _replace(venue, camera, self.part.kind, polygons)


@dataclass(frozen=True, slots=True)
class SetMayBeDark:
    """Set whether black pictures of a camera count as observed, or as a gap."""

    camera: CameraId
    may_be_dark: bool

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        name = {"camera": self.camera}
        return (
            Phrase("'{camera}' may be dark", name) if self.may_be_dark else Phrase("'{camera}' is lit", name)
        )

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            VenueError: there is no such camera.
        """
        before = venue.camera(self.camera)
        return venue.with_camera(replace(before, camera=replace(before.camera, may_be_dark=self.may_be_dark)))


def list_polygons(camera: Camera, kind: MaskKind) -> tuple[PixelPolygon, ...]:
    """Return the polygons of one kind, pixels of the camera's frame size."""
    return camera.privacy_mask if kind is MaskKind.PRIVACY else camera.mask


def _find_polygons(camera: Camera, part: MaskPart) -> list[PixelPolygon]:
    polygons = list(list_polygons(camera, part.kind))
    if not 0 <= part.index < len(polygons):
        raise GeometryError(
            "That {what} no longer exists.",
            "Review the current picture, then edit it again.",
            what=_name_kind(part.kind),
        )
    return polygons


def _check(camera: Camera, corners: Sequence[tuple[float, float]], kind: MaskKind) -> PixelPolygon:
    """Round corners to a tenth of a pixel, and raise unless they lie in the picture."""
    if camera.frame_size_wh is not None:
        width, height = camera.frame_size_wh
        corners = [(min(max(u, 0.0), float(width)), min(max(v, 0.0), float(height))) for u, v in corners]
    rounded = [(round(u, 1), round(v, 1)) for u, v in corners]
    return check_pixel_polygon(rounded, what=Phrase("The {what}", {"what": _name_kind(kind)}))


def _replace(venue: Venue, camera: Camera, kind: MaskKind, polygons: Sequence[PixelPolygon]) -> Venue:
    if kind is MaskKind.PRIVACY:
        changed = replace(camera, privacy_mask=tuple(polygons))
    else:
        changed = replace(camera, mask=tuple(polygons))
    return venue.with_camera(replace(venue.camera(camera.name), camera=changed))


def _name_kind(kind: MaskKind) -> Phrase:
    return Phrase("privacy mask") if kind is MaskKind.PRIVACY else Phrase("ignore mask")
