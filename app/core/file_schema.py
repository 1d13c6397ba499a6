"""The sections and fields of ``venue.toml`` in its current format, their limits and their conversion.

A section and the record that it makes share the names of their fields, but for those with `Written`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from analytics.domain.camera import (
    MAX_NEW_TRACK_SCORE,
    MIN_NEW_TRACK_SCORE,
    NEW_TRACK_SCORE,
    Camera,
    PixelPolygon,
    PointPair,
    check_pixel_polygon,
)
from analytics.domain.errors import Phrase
from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle, PlanPicture
from analytics.domain.lens import MAX_BARREL, MAX_PINCUSHION, UNKNOWN_SIGMA, Lens
from analytics.domain.planned_camera import PlannedCamera, check_planned_camera
from analytics.domain.zone import CountingLine, Zone, ZoneKind, is_colour
from analytics.domain.zone_targets import AlarmMeasure, AlarmRule, ZoneTargets, check_targets
from analytics.visitors.false_positives.corrections import (
    NO_CORRECTIONS,
    Corrections,
    DecidedPlace,
    PlaceVerdict,
)
from app.core.document import DEFAULT_GEOMETRY, CloseBehaviour, Venue, VenueCamera, VenueSettings
from app.settings.field_faults import FAULT_TEXTS
from resources.file_names import is_portable_name
from vision.detection.model_catalogue import SHIPPED_MODEL
from vision.sources.frame_source import Pacing, SourceAddress, SourceKind
from vision.sources.redaction import redact_url

CURRENT_FORMAT = 3

RawDocument = dict[str, Any]
"""A parsed TOML file, not validated."""

ENTRY_NAMES = {
    "cameras": "camera",
    "planned_cameras": "planned camera",
    "zones": "zone",
    "lines": "line",
    "geometry": "layout version",
    "obstacles": "obstacle",
    "opening_hours": "opening hours",
    "pairs": "pair",
    "mask": "mask polygon",
    "privacy_mask": "privacy mask polygon",
    "outline": "corner",
    "path": "point",
    "places": "place",
    "not_doors": "place",
    "targets": "targets entry",
    "alarms": "alarm rule",
    "frame_size": "frame_size number",
    "crop": "crop number",
}
"""Names of the entries of each list in messages."""

MINIMUM_PAIRS = 4
FIRST_YEAR, LAST_YEAR = 1970, 2200

MAX_NAME = 100
NAME_PATTERN = r"^[^\s\x00-\x1f]([^\x00-\x1f]*[^\s\x00-\x1f])?$"
Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME, pattern=NAME_PATTERN)]
Text = Annotated[str, StringConstraints(max_length=1000)]
Coordinates = Annotated[list[float], Field(min_length=2, max_length=2)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
FrameRate = Annotated[float, Field(gt=0, le=120)]
Side = Annotated[int, Field(ge=16, le=16384)]
Date = TypeVar("Date", date, datetime)


def _make_fault(kind: str, **fields: object) -> PydanticCustomError:
    return PydanticCustomError(kind, FAULT_TEXTS[kind], fields)


def _require_plausible(value: Date) -> Date:
    """Reject times for which arithmetic overflows in Python (its first and last years)."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise _make_fault("year")
    return value


def _require_colour(value: str) -> str:
    if not is_colour(value):
        raise _make_fault("colour")
    return value


Colour = Annotated[str, AfterValidator(_require_colour)]
Day = Annotated[date, AfterValidator(_require_plausible)]
Moment = Annotated[AwareDatetime, AfterValidator(_require_plausible)]


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """A field that is written differently from its record.

    Attributes:
        attribute: the record's name of it; empty for the same name.
        only_if_changed: its default is left out, so that programs from before it read the file.
        shape: made of a list of points.
        label: names the shape in an error.
    """

    attribute: str = ""
    only_if_changed: bool = False
    shape: type[Polygon | Polyline] | None = None
    label: Phrase | None = None


IF_CHANGED = FieldMapping(only_if_changed=True)


class Section(BaseModel):
    """One record in the file; unknown fields and wrong types are errors."""

    # built when a file is first read, which the start of a command or window need not wait for
    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True, defer_build=True
    )

    makes: ClassVar[Any]

    def make(self, **otherwise: object) -> Any:
        """Return the record that the section describes.

        Args:
            otherwise: values of the record's attributes that are not simply those of the fields.

        Raises:
            GeometryError: an outline or a figure cannot be.
        """
        values: dict[str, object] = {}
        attributes = {field.name for field in fields(self.makes)}
        for name in type(self).model_fields:
            how = self._field_mapping(name)
            attribute, value = how.attribute or name, getattr(self, name)
            if how.shape is not None and how.label is not None:
                label = replace(how.label, fields={"name": getattr(self, "name", "")})
                values[attribute] = how.shape.from_points(_points(value), what=label)
            elif attribute not in otherwise and attribute in attributes:
                values[attribute] = _make(value, attribute)
        return self.makes(**values, **otherwise)

    @classmethod
    def describe(cls, record: object, **otherwise: object) -> RawDocument:
        """Return the written fields of a record, in order.

        Args:
            otherwise: what is written of fields that the record does not have.
        """
        section: RawDocument = {}
        for name, field in cls.model_fields.items():
            how = cls._field_mapping(name)
            attribute = how.attribute or name
            value = (
                otherwise[name]
                if name in otherwise
                else _describe(getattr(record, attribute), field.annotation)
            )
            # TOML has no null; absent values are left out
            if value is not None and value != [] and not (how.only_if_changed and value == field.default):
                section[name] = value
        return section

    @classmethod
    def _field_mapping(cls, name: str) -> FieldMapping:
        return next(
            (m for m in cls.model_fields[name].metadata if isinstance(m, FieldMapping)), FieldMapping()
        )


def _make(value: object, attribute: str) -> object:
    if isinstance(value, Section):
        return value.make()
    if isinstance(value, list):
        return tuple(_make(entry, attribute) for entry in value)
    if isinstance(value, datetime) and attribute.endswith("_s"):
        return value.timestamp()
    return value


def _describe(value: object, annotation: object) -> object:
    sections = _find_sections(annotation)
    match value:
        case Enum():
            return value.value
        case Polygon() | Polyline() | tuple():
            entries = value if isinstance(value, tuple) else value.points
            return [_describe(entry, annotation) for entry in entries]
        case int() | float() if _includes(annotation, AwareDatetime):
            return datetime.fromtimestamp(value, UTC)
        case int() | float() if _includes(annotation, float):
            return float(value)
    return sections[0].describe(value) if sections and value is not None else value


def _find_sections(annotation: object) -> list[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return [annotation]
    return [section for part in get_args(annotation) for section in _find_sections(part)]


def _includes(annotation: object, kind: object) -> bool:
    return annotation is kind or any(_includes(part, kind) for part in get_args(annotation))


def _points(coordinates: list[list[float]]) -> list[tuple[float, float]]:
    return [(first, second) for first, second in coordinates]


class OpeningHoursEntry(Section):
    """Opening hours of one day."""

    makes = OpeningHours

    day: Day
    opens: time
    closes: time


class NamedEntry(Section):
    """An entry of a list with unique names."""

    name: Name


def _unique(what: Phrase) -> AfterValidator:
    """Return the validator of a list whose entries have different names."""

    def require(entries: list[NamedEntry]) -> list[NamedEntry]:
        for name, count in Counter(entry.name for entry in entries).items():
            if count > 1:
                raise _make_fault("duplicate", count=count, what=what, name=name)
        return entries

    return AfterValidator(require)


class ExhibitionSection(Section):
    """The exhibition's name and dates."""

    makes = Exhibition

    name: Name
    time_zone: Name
    opening_hours: list[OpeningHoursEntry] = []


class PictureSection(Section):
    """The picture of the plan."""

    makes = PlanPicture

    file_name: Name
    metres_per_pixel: Positive
    corner: Annotated[Coordinates, FieldMapping("corner_m", only_if_changed=True)] = [0.0, 0.0]
    rotation_deg: Annotated[float, IF_CHANGED] = 0.0
    crop: Annotated[
        Annotated[list[NotNegative], Field(min_length=4, max_length=4)] | None, FieldMapping("crop_px")
    ] = None

    @field_validator("file_name")
    @classmethod
    def _require_plain_file_name(cls, value: str) -> str:
        if not is_portable_name(value):
            raise _make_fault("file_name")
        return value

    @field_validator("crop")
    @classmethod
    def _require_valid_crop(cls, value: list[float] | None) -> list[float] | None:
        if value is not None and not (value[0] < value[2] and value[1] < value[3]):
            raise _make_fault("crop")
        return value


class ObstacleEntry(NamedEntry):
    """An obstacle on the floor."""

    makes = Obstacle

    height_m: Positive | None = None
    outline: Annotated[list[Coordinates], FieldMapping(shape=Polygon, label=Phrase("obstacle '{name}'"))]


class PlanSection(Section):
    """The floor plan."""

    makes = FloorPlan

    outline: Annotated[list[Coordinates], FieldMapping(shape=Polygon, label=Phrase("the plan"))]
    picture: PictureSection | None = None
    obstacles: Annotated[list[ObstacleEntry], _unique(Phrase("obstacles"))] = []


class SourceSection(Section):
    """The source of a camera's pictures, without its password."""

    makes = SourceAddress

    kind: Annotated[SourceKind, Field(strict=False)]
    location: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    user: Name | None = None
    transport: Literal["tcp", "udp"] = "tcp"
    pacing: Annotated[Pacing, Field(strict=False)] = Pacing.AS_FAST_AS_POSSIBLE
    images_fps: FrameRate | None = None
    start_utc: Annotated[Moment | None, FieldMapping("start_utc_s")] = None

    @field_validator("location")
    @classmethod
    def _reject_credentials(cls, value: str) -> str:
        if holds_credentials(value):
            raise _make_fault("secret")
        return value


class PairEntry(Section):
    """A point in the picture and its position on the floor."""

    makes = PointPair

    u_px: float
    v_px: float
    x_m: float
    y_m: float


class LensSection(Section):
    """The lens distortion of a camera."""

    makes = Lens

    division: Annotated[float, Field(ge=MAX_BARREL, le=MAX_PINCUSHION)]
    division_sigma: Annotated[float, Field(ge=0, le=UNKNOWN_SIGMA), IF_CHANGED] = 0.0


class CameraEntry(NamedEntry):
    """One camera."""

    makes = Camera

    analysed_fps: FrameRate | None = None
    frame_size: Annotated[
        Annotated[list[Side], Field(min_length=2, max_length=2)] | None, FieldMapping("frame_size_wh")
    ] = None
    may_be_dark: Annotated[bool, IF_CHANGED] = False
    new_track_score: Annotated[float, Field(ge=MIN_NEW_TRACK_SCORE, le=MAX_NEW_TRACK_SCORE), IF_CHANGED] = (
        NEW_TRACK_SCORE
    )
    model_name: Annotated[Name, IF_CHANGED] = ""
    gives_persons: Annotated[bool, IF_CHANGED] = False
    lens: LensSection | None = None
    pairs: list[PairEntry] = []
    pair_sigma_px: Annotated[float, Field(gt=0)] | None = None
    mask: list[list[Coordinates]] = []
    privacy_mask: list[list[Coordinates]] = []
    source: SourceSection | None = None

    @field_validator("pairs")
    @classmethod
    def _require_enough_pairs(cls, value: list[PairEntry]) -> list[PairEntry]:
        if 0 < len(value) < MINIMUM_PAIRS:
            raise _make_fault("pairs", count=len(value))
        return value

    @model_validator(mode="after")
    def _require_lens_frame_size(self) -> Self:
        if self.lens is not None and self.frame_size is None:
            raise _make_fault("lens")
        return self

    @model_validator(mode="after")
    def _require_mask_frame_size(self) -> Self:
        """Require the frame size of a privacy mask, without which it cannot be scaled to another stream."""
        if self.privacy_mask and self.frame_size is None:
            raise _make_fault("privacy_mask")
        return self

    def make(self, **otherwise: object) -> VenueCamera:
        """Return the camera and its source.

        Args:
            otherwise: the rate of the venue, for a camera without one of its own.
        """
        camera = super().make(
            mask=self._make_mask("mask polygon {number} of camera '{name}'", self.mask),
            privacy_mask=self._make_mask(
                "privacy mask polygon {number} of camera '{name}'", self.privacy_mask
            ),
            **otherwise,
        )
        return VenueCamera(camera, self.source.make() if self.source else None)

    def _make_mask(self, label: str, polygons: list[list[Coordinates]]) -> tuple[PixelPolygon, ...]:
        return tuple(
            check_pixel_polygon(_points(polygon), what=Phrase(label, {"number": number, "name": self.name}))
            for number, polygon in enumerate(polygons, start=1)
        )


class PlannedCameraEntry(NamedEntry):
    """One planned camera; its values are validated by the record that it makes."""

    makes = PlannedCamera

    x_m: float
    y_m: float
    height_m: float
    tilt_deg: float
    heading_deg: float
    horizontal_fov_deg: float
    frame_size: Annotated[list[Side], Field(min_length=2, max_length=2), FieldMapping("frame_size_wh")]

    def make(self, **otherwise: object) -> PlannedCamera:
        """Return the planned camera."""
        return check_planned_camera(super().make(**otherwise))


class ZoneEntry(NamedEntry):
    """One zone."""

    makes = Zone

    kind: Annotated[ZoneKind, Field(strict=False)]
    minimum_stay_s: NotNegative = 3.0
    leave_distance_m: Annotated[NotNegative, IF_CHANGED] = 0.5
    leave_time_s: Annotated[NotNegative, IF_CHANGED] = 2.0
    colour: Colour | None = None
    outline: Annotated[list[Coordinates], FieldMapping(shape=Polygon, label=Phrase("zone '{name}'"))]


class LineEntry(NamedEntry):
    """One counting line."""

    makes = CountingLine

    kind: Annotated[ZoneKind, Field(strict=False)]
    band_m: NotNegative = 0.5
    colour: Colour | None = None
    path: Annotated[list[Coordinates], FieldMapping(shape=Polyline, label=Phrase("line '{name}'"))]


class GeometryEntry(Section):
    """The zones and lines of one layout version."""

    makes = FloorGeometry

    valid_from: Annotated[Moment | None, FieldMapping("valid_from_utc_s")] = None
    label: Text = ""
    zones: Annotated[list[ZoneEntry], _unique(Phrase("zones"))] = []
    lines: Annotated[list[LineEntry], _unique(Phrase("lines"))] = []


class SettingsSection(Section):
    """The analysis settings of the venue."""

    makes = VenueSettings

    model_name: Name = SHIPPED_MODEL
    device: Name = "auto"
    analysed_fps: FrameRate = 5.0
    tracks_kept_days: Annotated[float, Field(ge=0, le=36_525), IF_CHANGED] = 90.0
    tracks_most_gb: Annotated[float, Field(ge=0, le=1_000_000), IF_CHANGED] = 0.0
    when_closing: Annotated[CloseBehaviour, Field(strict=False), IF_CHANGED] = CloseBehaviour.ASK


class PlaceEntry(Section):
    """A place where a camera detects a static object as a person, and the decision about it."""

    makes = DecidedPlace

    camera: Name
    x_m: float
    y_m: float
    radius_m: Annotated[float, Field(gt=0, le=5)] = 0.5
    verdict: Annotated[PlaceVerdict, Field(strict=False)]


class CorrectionsSection(Section):
    """Manual corrections of tracks."""

    makes = Corrections

    exclude_staff: Annotated[bool, FieldMapping("excludes_staff")] = False
    places: list[PlaceEntry] = []
    not_doors: list[Coordinates] = []


class AlarmEntry(Section):
    """One alarm rule; its values are validated by the record that it makes."""

    makes = AlarmRule

    measure: Annotated[AlarmMeasure, Field(strict=False)]
    above: float
    below: float
    raise_after_s: NotNegative = 30.0
    clear_after_s: NotNegative = 60.0


class TargetsEntry(Section):
    """Targets of a zone or, without a name, of the whole hall."""

    makes = ZoneTargets

    zone: Annotated[Name, IF_CHANGED] = ""
    capacity: int | None = None
    needed_s: float | None = None
    rent: float | None = None
    visits_per_day: float | None = None
    engaged_per_day: float | None = None
    is_sponsor: Annotated[bool, IF_CHANGED] = False
    exhibitor: Annotated[str, IF_CHANGED] = ""
    currency: Annotated[str, IF_CHANGED] = ""
    alarms: Annotated[list[AlarmEntry], FieldMapping("rules")] = []

    def make(self, **otherwise: object) -> ZoneTargets:
        """Return the targets."""
        return check_targets(super().make(**otherwise))


class VenueFile(Section):
    """The whole file."""

    format: Literal[3]
    exhibition: ExhibitionSection
    plan: PlanSection
    settings: SettingsSection = SettingsSection()
    corrections: CorrectionsSection = CorrectionsSection()
    cameras: Annotated[list[CameraEntry], _unique(Phrase("cameras"))] = []
    planned_cameras: Annotated[list[PlannedCameraEntry], _unique(Phrase("planned cameras"))] = []
    geometry: Annotated[list[GeometryEntry], FieldMapping("geometry_versions")] = []
    targets: list[TargetsEntry] = []


def make_venue(file: VenueFile, *, folder: Path) -> Venue:
    """Return the venue described by a validated file.

    Raises:
        ExpoFlowError: an unknown time zone, an outline that crosses itself, two versions of one time.
    """
    settings: VenueSettings = file.settings.make()
    versions = sorted(
        (entry.make() for entry in file.geometry),
        key=lambda g: float("-inf") if g.valid_from_utc_s is None else g.valid_from_utc_s,
    )
    return Venue(
        folder=folder,
        exhibition=file.exhibition.make(),
        plan=file.plan.make(),
        cameras=tuple(
            entry.make(analysed_fps=entry.analysed_fps or settings.analysed_fps) for entry in file.cameras
        ),
        geometry_versions=tuple(versions) or (DEFAULT_GEOMETRY,),
        settings=settings,
        corrections=file.corrections.make(),
        planned_cameras=tuple(entry.make() for entry in file.planned_cameras),
        targets=tuple(entry.make() for entry in file.targets),
    )


def make_document(venue: Venue) -> RawDocument:
    """Return a venue as a TOML document, in reading order.

    The moment from which a version of the zones holds is kept to the microsecond.
    """
    cameras = [
        CameraEntry.describe(entry.camera, source=entry.address and SourceSection.describe(entry.address))
        for entry in venue.cameras
    ]
    document = VenueFile.describe(venue, format=CURRENT_FORMAT, cameras=cameras)
    if venue.corrections == NO_CORRECTIONS:
        del document["corrections"]
    return document


def holds_credentials(location: str) -> bool:
    """Return whether an address holds a user or a field such as ``password=``; ``@`` in its path is allowed.

    A password typed with a slash in it ends the host too early, which shows in a port that is no number.
    """
    _, is_url, rest = location.partition("://")
    if not is_url:
        return False
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    path = rest[len(authority) :]
    _, has_port, port = authority.rpartition(":")
    ends_early = bool(has_port) and not port.isdigit() and not authority.startswith("[") and "@" in path
    return "@" in authority or ends_early or redact_url(path) != path
