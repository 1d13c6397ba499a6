"""Edits of the plan's picture and of zone targets (capacities, alarms, rents), as values.

Turning and cropping move the picture under the floor and leave every coordinate as it is. So does setting the
scale, unless the drawing was made on the picture and is to grow with it.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import ClassVar, TypeVar

from analytics.domain.camera import PointPair
from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.floor_plan import PixelBox, PlanPicture
from analytics.domain.zone import ZoneKind
from analytics.domain.zone_targets import AlarmMeasure, ZoneTargets, check_targets
from analytics.visitors.false_positives.corrections import DecidedPlace
from app.core.document import Venue
from app.plan.edit_geometry import turn_point
from app.plan.plan_shapes import (
    PlanItem,
    list_points,
    with_points,
)

QUEUE_MEASURES = frozenset({AlarmMeasure.QUEUE, AlarmMeasure.WAIT})


@dataclass(frozen=True, slots=True)
class SetTargets:
    """Set the capacity of a zone or of the hall, and its alarm levels."""

    targets: ZoneTargets

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        if self.targets.is_hall:
            return Phrase("Change the alarms of the whole hall")
        return Phrase("Change the alarms of zone '{name}'", {"name": self.targets.zone})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: a value is out of its limits, there is no such zone, or it is no queue.
        """
        targets = check_targets(self.targets)
        if not targets.is_hall:
            _check_zone(venue, targets)
        return _replace_targets(venue, targets)


@dataclass(frozen=True, slots=True)
class SetStands:
    """Set exhibitor, rent, targets and sponsor of several stands in one step, and the currency.

    Attributes:
        stands: whatever else is in them, such as alarm rules, is left as it is in the venue.
        currency: of all rents; None to leave it.
    """

    stands: tuple[ZoneTargets, ...] = ()
    currency: str | None = None

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        match self.stands:
            case ():
                return Phrase("Change the currency")
            case (stand,):
                return Phrase("Change the rent and targets of zone '{name}'", {"name": stand.zone})
        return Phrase("Change the rents and targets of {count} stands", {"count": len(self.stands)})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: a value is out of its limits, or there is no such zone.
        """
        wanted = [
            replace(
                venue.targets_of(stand.zone),
                exhibitor=stand.exhibitor.strip(),
                rent=stand.rent,
                needed_s=stand.needed_s,
                visits_per_day=stand.visits_per_day,
                engaged_per_day=stand.engaged_per_day,
                is_sponsor=stand.is_sponsor,
            )
            for stand in self.stands
        ]
        if self.currency is not None:
            wanted.append(replace(venue.targets_of(""), currency=self.currency.strip()))
        for targets in wanted:
            check_targets(targets)
            if not targets.is_hall:
                _check_zone(venue, targets)
            venue = _replace_targets(venue, targets)
        return venue


def _replace_targets(venue: Venue, targets: ZoneTargets) -> Venue:
    """Return the venue with the targets of a zone in their place, or without them if they are empty."""
    new = () if targets == ZoneTargets(targets.zone) else (targets,)
    if all(known.zone != targets.zone for known in venue.targets):
        return replace(venue, targets=(*venue.targets, *new))
    entries = [new if known.zone == targets.zone else (known,) for known in venue.targets]
    return replace(venue, targets=tuple(itertools.chain(*entries)))


def _check_zone(venue: Venue, targets: ZoneTargets) -> None:
    zone = next((zone for zone in venue.geometry_at(None).zones if zone.name == targets.zone), None)
    if zone is None:
        raise GeometryError("Zone '{name}' no longer exists.", "Choose an existing zone.", name=targets.zone)
    if zone.kind is not ZoneKind.QUEUE and any(rule.measure in QUEUE_MEASURES for rule in targets.rules):
        raise GeometryError(
            "Zone '{name}' is not a queue, so it has no length or waiting time.",
            "Change its kind to 'queue' in the plan editor, or remove these alarms.",
            name=targets.zone,
        )


MIN_SPAN_PX = 20.0
"""Minimum span for a scale: with one pixel of error at each end, a shorter one is more than 10 % off."""
MIN_CROP_PX = 16.0


@dataclass(frozen=True, slots=True)
class SetPicture:
    """Set or remove the picture below the plan."""

    picture: PlanPicture | None

    words: ClassVar[Phrase] = Phrase("Change the picture of the plan")

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: the scale is none.
        """
        if self.picture is not None:
            _check_scale(self.picture.metres_per_pixel)
        return _replace_picture(venue, self.picture)


@dataclass(frozen=True, slots=True)
class SetScale:
    """Set the real length of the span between two points of the picture.

    Attributes:
        from_px, to_px: (u, v) in pixels of the whole picture.
        with_drawing: also scale what was drawn on the picture: outline, obstacles, zones, lines,
            calibrations.
        hall_px: width and height in pixels of the picture that the hall becomes; None leaves it as it is.
    """

    from_px: Point
    to_px: Point
    length_m: float
    with_drawing: bool = False
    hall_px: tuple[int, int] | None = None

    words: ClassVar[Phrase] = Phrase("Set the scale of the plan")

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: there is no picture, the points are too near to each other, or the length is none.
        """
        picture = _find_picture(venue)
        span_px = math.dist(self.from_px, self.to_px)
        if not span_px >= MIN_SPAN_PX:
            raise GeometryError(
                "The two points are {span:.0f} pixels apart, too close for a scale.",
                "Choose points at least {least:.0f} pixels apart, such as the ends of the longest wall.",
                span=span_px,
                least=MIN_SPAN_PX,
            )
        if not (math.isfinite(self.length_m) and self.length_m > 0):
            raise GeometryError(
                "The length between the two points is {length:g} m.",
                "Enter a length above 0, in metres.",
                length=self.length_m,
            )
        scale = self.length_m / span_px
        _check_scale(scale)
        changed = _replace_picture(venue, replace(picture, metres_per_pixel=scale))
        if self.with_drawing:
            changed = _grow_drawing(changed, scale / picture.metres_per_pixel, picture.corner_m)
        if self.hall_px is not None:
            (left, bottom), (width, height) = picture.corner_m, self.hall_px
            right, top = left + width * scale, bottom + height * scale
            corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
            hall = Polygon.from_points(corners, what=Phrase("the hall"))
            changed = replace(changed, plan=replace(changed.plan, outline=hall))
        return changed


@dataclass(frozen=True, slots=True)
class RotatePlan:
    """Rotate the picture about a point of the floor, degrees counter-clockwise."""

    by_deg: float
    about_m: Point

    words: ClassVar[Phrase] = Phrase("Rotate the picture of the plan")

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: there is no picture, or the angle is no number.
        """
        picture = _find_picture(venue)
        if not math.isfinite(self.by_deg):
            raise GeometryError("The angle is not a number.", "Enter it in degrees.")
        turned = (picture.rotation_deg + self.by_deg + 180.0) % 360.0 - 180.0
        corner_m = turn_point(picture.corner_m, by_deg=self.by_deg, about_m=self.about_m)
        return _replace_picture(venue, replace(picture, rotation_deg=turned, corner_m=corner_m))


@dataclass(frozen=True, slots=True)
class CropPlan:
    """Crop the picture without moving the visible part.

    Attributes:
        crop_px: in pixels of the whole picture; None removes the crop.
    """

    crop_px: PixelBox | None
    size_wh: tuple[int, int]

    words: ClassVar[Phrase] = Phrase("Crop the picture of the plan")

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: there is no picture, or nothing of it would be left.
        """
        picture = _find_picture(venue)
        width, height = self.size_wh
        left, top, right, bottom = self.crop_px or (0.0, 0.0, float(width), float(height))
        left, top, right, bottom = max(0.0, left), max(0.0, top), min(right, width), min(bottom, height)
        if not (right - left >= MIN_CROP_PX and bottom - top >= MIN_CROP_PX):
            raise GeometryError(
                "Almost nothing of the picture would remain.",
                "Select a part of the picture at least {least:.0f} pixels wide and high.",
                least=MIN_CROP_PX,
            )
        corner_m = picture.to_floor((left, bottom), size_wh=self.size_wh)
        is_whole = (left, top, right, bottom) == (0.0, 0.0, width, height)
        crop_px = None if is_whole else (float(left), float(top), float(right), float(bottom))
        return _replace_picture(venue, replace(picture, crop_px=crop_px, corner_m=corner_m))


def _find_picture(venue: Venue) -> PlanPicture:
    if venue.plan.picture is None:
        raise GeometryError("The plan has no picture.", "Import one: PNG, JPEG, SVG, PDF or DXF.")
    return venue.plan.picture


def _check_scale(metres_per_pixel: float) -> None:
    if not (math.isfinite(metres_per_pixel) and 1e-5 <= metres_per_pixel <= 100):
        raise GeometryError(
            "A pixel of the plan would be {scale:g} m wide.",
            "Enter the length between the two points in metres.",
            scale=metres_per_pixel,
        )


Item = TypeVar("Item", bound=PlanItem)
Place = TypeVar("Place", PointPair, DecidedPlace)


def _replace_picture(venue: Venue, picture: PlanPicture | None) -> Venue:
    return replace(venue, plan=replace(venue.plan, picture=picture))


def _grow_drawing(venue: Venue, by: float, about_m: Point) -> Venue:
    def move(point: Point) -> Point:
        return (about_m[0] + by * (point[0] - about_m[0]), about_m[1] + by * (point[1] - about_m[1]))

    def move_item(item: Item) -> Item:
        return with_points(item, [move(point) for point in list_points(item)])

    def move_place(place: Place) -> Place:
        x_m, y_m = move((place.x_m, place.y_m))
        return replace(place, x_m=x_m, y_m=y_m)

    plan = venue.plan
    obstacles = tuple(move_item(item) for item in plan.obstacles)
    versions = tuple(
        replace(
            version,
            zones=tuple(move_item(zone) for zone in version.zones),
            lines=tuple(move_item(line) for line in version.lines),
        )
        for version in venue.geometry_versions
    )
    cameras = tuple(
        replace(one, camera=replace(one.camera, pairs=tuple(move_place(pair) for pair in one.camera.pairs)))
        for one in venue.cameras
    )
    places = tuple(move_place(place) for place in venue.corrections.places)
    return replace(
        venue,
        plan=replace(plan, outline=move_item(plan.outline), obstacles=obstacles),
        geometry_versions=versions,
        cameras=cameras,
        corrections=replace(venue.corrections, places=places),
    )
