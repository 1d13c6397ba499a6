"""The sections and fields of ``venue.toml`` in its current format, and what they may hold."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, Self, TypeVar

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

from analytics.domain.errors import Phrase
from analytics.domain.lens import STRONGEST_BARREL, STRONGEST_PINCUSHION, UNKNOWN_SIGMA
from analytics.domain.zone import ZoneKind, is_colour
from analytics.domain.zone_targets import AlarmMeasure
from analytics.visitors.false_positives.corrections import PlaceVerdict
from app.core.document import WhenClosing
from app.settings.field_faults import FAULT_WORDS
from vision.sources.frame_source import Pacing, SourceKind
from vision.sources.redaction import redact_url

CURRENT_FORMAT = 3

RawDocument = dict[str, object]
"""A file as TOML gives it, not validated."""

ENTRY_NAMES = {
    "cameras": "camera",
    "planned_cameras": "planned camera",
    "zones": "zone",
    "lines": "line",
    "geometry": "geometry version",
    "obstacles": "obstacle",
    "opening_hours": "opening hours",
    "pairs": "pair",
    "mask": "mask polygon",
    "privacy_mask": "privacy mask polygon",
    "outline": "corner",
    "path": "point",
    "places": "place",
    "targets": "targets entry",
    "alarms": "alarm rule",
    "frame_size": "frame_size number",
    "crop": "crop number",
}
"""How an entry of each list is called in a message."""

MINIMUM_PAIRS = 4
FIRST_YEAR, LAST_YEAR = 1970, 2200

LONGEST_NAME = 100
NAME_PATTERN = r"^[^\s\x00-\x1f]([^\x00-\x1f]*[^\s\x00-\x1f])?$"
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME, pattern=NAME_PATTERN)]
Text = Annotated[str, StringConstraints(max_length=1000)]
Coordinates = Annotated[list[float], Field(min_length=2, max_length=2)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
FrameRate = Annotated[float, Field(gt=0, le=120)]
Side = Annotated[int, Field(ge=16, le=16384)]
Date = TypeVar("Date", date, datetime)


def _make_fault(kind: str, **fields: object) -> PydanticCustomError:
    return PydanticCustomError(kind, FAULT_WORDS[kind], fields)


def _require_plausible(value: Date) -> Date:
    """Arithmetic with the first and last years that Python knows overflows."""
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


class Section(BaseModel):
    """What all sections have: unknown fields and values of another type are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True)


class OpeningHoursEntry(Section):
    """One day's opening hours."""

    day: Day
    opens: time
    closes: time


class NamedEntry(Section):
    """An entry of a list whose names differ."""

    name: Name


Entry = TypeVar("Entry", bound=NamedEntry)


class ExhibitionSection(Section):
    """What the venue shows and when."""

    name: Name
    time_zone: Name
    opening_hours: list[OpeningHoursEntry] = []


class PictureSection(Section):
    """The picture of the plan."""

    file_name: Name
    metres_per_pixel: Positive
    corner: Coordinates = [0.0, 0.0]
    rotation_deg: float = 0.0
    crop: Annotated[list[NotNegative], Field(min_length=4, max_length=4)] | None = None

    @field_validator("file_name")
    @classmethod
    def _lies_in_the_folder(cls, value: str) -> str:
        if re.search(r"[/\\:]", value) or value in {".", ".."}:
            raise _make_fault("file_name")
        return value

    @field_validator("crop")
    @classmethod
    def _shows_something(cls, value: list[float] | None) -> list[float] | None:
        if value is not None and not (value[0] < value[2] and value[1] < value[3]):
            raise _make_fault("crop")
        return value


class ObstacleEntry(NamedEntry):
    """Something nobody can stand on."""

    outline: list[Coordinates]
    height_m: Positive | None = None


class PlanSection(Section):
    """The floor."""

    outline: list[Coordinates]
    picture: PictureSection | None = None
    obstacles: list[ObstacleEntry] = []

    @field_validator("obstacles")
    @classmethod
    def _names_differ(cls, value: list[ObstacleEntry]) -> list[ObstacleEntry]:
        return _require_unique(value, "obstacles")


class SourceSection(Section):
    """Where a camera's pictures come from; no password."""

    kind: Annotated[SourceKind, Field(strict=False)]
    location: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    user: Name | None = None
    transport: Literal["tcp", "udp"] = "tcp"
    pacing: Annotated[Pacing, Field(strict=False)] = Pacing.AS_FAST_AS_POSSIBLE
    images_fps: FrameRate | None = None
    start_utc: Moment | None = None

    @field_validator("location")
    @classmethod
    def _holds_no_credentials(cls, value: str) -> str:
        if holds_credentials(value):
            raise _make_fault("secret")
        return value


class PairEntry(Section):
    """One point in the picture and on the floor."""

    u_px: float
    v_px: float
    x_m: float
    y_m: float


class LensSection(Section):
    """How a camera bends straight lines."""

    division: Annotated[float, Field(ge=STRONGEST_BARREL, le=STRONGEST_PINCUSHION)]
    division_sigma: Annotated[float, Field(ge=0, le=UNKNOWN_SIGMA)] = 0.0


class CameraEntry(NamedEntry):
    """One camera."""

    analysed_fps: FrameRate | None = None
    frame_size: Annotated[list[Side], Field(min_length=2, max_length=2)] | None = None
    lens: LensSection | None = None
    source: SourceSection | None = None
    pairs: list[PairEntry] = []
    pair_sigma_px: Annotated[float, Field(gt=0)] | None = None
    mask: list[list[Coordinates]] = []
    privacy_mask: list[list[Coordinates]] = []
    may_be_dark: bool = False

    @field_validator("pairs")
    @classmethod
    def _are_enough(cls, value: list[PairEntry]) -> list[PairEntry]:
        if 0 < len(value) < MINIMUM_PAIRS:
            raise _make_fault("pairs", count=len(value))
        return value

    @model_validator(mode="after")
    def _lens_has_a_picture(self) -> Self:
        if self.lens is not None and self.frame_size is None:
            raise _make_fault("lens")
        return self

    @model_validator(mode="after")
    def _privacy_mask_has_a_picture(self) -> Self:
        """Without the size that it was drawn in, it would lie elsewhere in a stream of another size."""
        if self.privacy_mask and self.frame_size is None:
            raise _make_fault("privacy_mask")
        return self


class PlannedCameraEntry(NamedEntry):
    """One camera that is not there yet; what each figure may be is checked where it is made."""

    x_m: float
    y_m: float
    height_m: float
    tilt_deg: float
    heading_deg: float
    horizontal_fov_deg: float
    frame_size: Annotated[list[Side], Field(min_length=2, max_length=2)]


class ZoneEntry(NamedEntry):
    """One zone."""

    kind: Annotated[ZoneKind, Field(strict=False)]
    minimum_stay_s: NotNegative = 3.0
    colour: Colour | None = None
    outline: list[Coordinates]


class LineEntry(NamedEntry):
    """One counting line."""

    kind: Annotated[ZoneKind, Field(strict=False)]
    band_m: NotNegative = 0.5
    colour: Colour | None = None
    path: list[Coordinates]


class GeometryEntry(Section):
    """The zones and lines of one period."""

    valid_from: Moment | None = None
    label: Text = ""
    zones: list[ZoneEntry] = []
    lines: list[LineEntry] = []

    @field_validator("zones")
    @classmethod
    def _zone_names_differ(cls, value: list[ZoneEntry]) -> list[ZoneEntry]:
        return _require_unique(value, "zones")

    @field_validator("lines")
    @classmethod
    def _line_names_differ(cls, value: list[LineEntry]) -> list[LineEntry]:
        return _require_unique(value, "lines")


class SettingsSection(Section):
    """How the venue is analysed."""

    model_name: Name = "yolo26n"
    device: Name = "auto"
    analysed_fps: FrameRate = 5.0
    tracks_kept_days: Annotated[float, Field(ge=0, le=36_525)] = 90.0
    tracks_most_gb: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    when_closing: Annotated[WhenClosing, Field(strict=False)] = WhenClosing.ASK

    @model_validator(mode="before")
    @classmethod
    def _forget_tracker(cls, values: Any) -> Any:
        # the calibration of a camera chooses its tracker; files written before November 2026 name one
        if isinstance(values, dict):
            values = {name: value for name, value in values.items() if name != "tracker"}
        return values


class PlaceEntry(Section):
    """A place that a camera takes for a person, and what somebody said of it."""

    camera: Name
    x_m: float
    y_m: float
    radius_m: Annotated[float, Field(gt=0, le=5)] = 0.5
    verdict: Annotated[PlaceVerdict, Field(strict=False)]


class CorrectionsSection(Section):
    """What somebody decided about the tracks."""

    exclude_staff: bool = False
    places: list[PlaceEntry] = []


class AlarmEntry(Section):
    """One alarm rule; what its figures may be is checked where it is made."""

    measure: Annotated[AlarmMeasure, Field(strict=False)]
    above: float
    below: float
    raise_after_s: NotNegative = 30.0
    clear_after_s: NotNegative = 60.0


class TargetsEntry(Section):
    """What is wanted of a zone; without a name, of the whole hall."""

    zone: Name | None = None
    capacity: int | None = None
    needed_s: float | None = None
    rent: float | None = None
    visits_per_day: float | None = None
    engaged_per_day: float | None = None
    is_sponsor: bool = False
    currency: str = ""
    alarms: list[AlarmEntry] = []


class VenueFile(Section):
    """The whole file."""

    format: Literal[3]
    exhibition: ExhibitionSection
    plan: PlanSection
    cameras: list[CameraEntry] = []
    planned_cameras: list[PlannedCameraEntry] = []
    geometry: list[GeometryEntry] = []
    settings: SettingsSection = SettingsSection()
    corrections: CorrectionsSection = CorrectionsSection()
    targets: list[TargetsEntry] = []

    @field_validator("cameras")
    @classmethod
    def _names_differ(cls, value: list[CameraEntry]) -> list[CameraEntry]:
        return _require_unique(value, "cameras")

    @field_validator("planned_cameras")
    @classmethod
    def _planned_names_differ(cls, value: list[PlannedCameraEntry]) -> list[PlannedCameraEntry]:
        return _require_unique(value, "planned cameras")


def _require_unique(entries: list[Entry], what: str) -> list[Entry]:
    for name, count in Counter(entry.name for entry in entries).items():
        if count > 1:
            raise _make_fault("duplicate", count=count, what=Phrase(what), name=name)
    return entries


def holds_credentials(location: str) -> bool:
    """Return whether an address has a user or a field such as ``password=``; an ``@`` in its path is neither.

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
