"""Response models of the REST interface and its OpenAPI description; null means not observed or unknown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AliasPath, BaseModel, BeforeValidator, ConfigDict, Field, create_model

from analytics.results.figure_columns import Row, describe_record
from analytics.results.zone_figures import COVERAGE, MEAN_DWELL, VISITS
from app.exhibition.exhibition_figures import STAND_COLUMNS, PlaceVerdict, StandRow, describe_stand
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.rest.hourly_summary import HistoryStep, StepFigures


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _to_utc(time_utc_s: float) -> datetime:
    return datetime.fromtimestamp(round(time_utc_s, 3), UTC)


_Rounded = Annotated[float | None, BeforeValidator(_round)]
_Utc = Annotated[datetime, BeforeValidator(_to_utc)]
_Name = Annotated[str | None, BeforeValidator(lambda name: name or None)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class Problem(_Answer):
    """An error response (RFC 9457)."""

    type: str = Field("about:blank", description="Nothing more is documented about it.")
    title: str = Field(description="The problem in a sentence.")
    status: int
    detail: str = Field("", description="What to do about it.")


class ZoneNow(_Answer):
    """A zone at this moment. Null means not observed or unknown, never 0."""

    name: str
    kind: str
    people: int | None = Field(description="Null while less than 80 % of the zone is observed.")
    capacity: int | None
    density_per_m2: _Rounded = Field(description="People per m² of observed floor.")
    level_of_service: str | None = Field(description="Fruin's level for walkways, A to F.")
    arrivals_15_min: int | None = Field(description="Visits that began in the last 15 minutes.")
    visits_today: int | None = Field(description="Since local midnight.")
    queue: int | None = Field(description="People in a queue zone.")
    wait_s: _Rounded = Field(
        description="Waiting time by Little's law over the last 15 minutes, in a queue zone."
    )


class LineNow(_Answer):
    """A counting line; crossings since local midnight."""

    name: str
    kind: str
    in_today: int | None
    out_today: int | None


class CameraNow(_Answer):
    """A camera: analysed now (live), failing (down) or not recorded (idle)."""

    name: str
    state: Literal["live", "down", "idle"]
    frames_per_s: _Rounded
    down_s: _Rounded


class AlarmNow(_Answer):
    """An open alarm."""

    measure: str = Field(
        validation_alias=AliasPath("key", "measure"),
        description="people, density, queue, wait or camera_down.",
    )
    zone: _Name = Field(
        validation_alias=AliasPath("key", "zone"), description="Null for the whole hall and for cameras."
    )
    camera: _Name = Field(validation_alias=AliasPath("key", "camera"))
    raised_utc: _Utc = Field(validation_alias="raised_utc_s")
    level: float = Field(description="The exceeded level, in the unit of the measure.")
    worst: float
    is_acknowledged: Annotated[bool, BeforeValidator(lambda at_s: at_s is not None)] = Field(
        validation_alias="acknowledged_utc_s"
    )


class HallNow(_Answer):
    """The hall at this moment."""

    venue: str
    at_utc: _Utc = Field(validation_alias="at_utc_s")
    is_observed: bool = Field(description="Whether any camera is analysed at this moment.")
    observed_share: _Rounded = Field(description="Share of the zones' floor that live cameras see, 0 to 1.")
    people: int | None = Field(description="People in view of the cameras.")
    capacity: int | None
    arrivals_15_min: int | None = Field(
        description="Footfall, that is, inward crossings of the entrance lines."
    )
    observed_15_min_s: _Rounded = Field(description="Observed seconds of these 15 minutes.")
    arrivals_today: int | None = Field(description="Footfall since local midnight.")
    observed_today_min: int | None
    today_until_utc: _Utc | None = Field(
        validation_alias="today_until_utc_s",
        description="Time up to which today's zone and line figures are counted.",
    )
    zones: tuple[ZoneNow, ...]
    lines: tuple[LineNow, ...]
    cameras: tuple[CameraNow, ...]
    alarms: tuple[AlarmNow, ...]


class HallInSite(_Answer):
    """A hall of the site; null where it is not known at this moment."""

    hall: str = Field(description="Its part of the addresses, such as hall_1.")
    name: str
    at_utc: datetime | None
    people: int | None
    capacity: int | None
    arrivals_15_min: int | None
    arrivals_today: int | None
    open_alarms: int | None


class HistoryStepAnswer(_Answer):
    """One zone in one hour or day."""

    zone: str
    from_utc: datetime
    to_utc: datetime
    coverage: float = Field(description="Share of the step that was observed, 0 to 1.")
    visits: int | None
    visits_interval: tuple[float, float] | None = Field(description="95 %; only for days.")
    mean_dwell_s: float | None = Field(
        description=f"{MEAN_DWELL.definition} Null for fewer than 5 visits, to protect privacy."
    )
    mean_dwell_interval_s: tuple[float, float] | None = Field(description="95 %.")


class HistoryGapAnswer(_Answer):
    """A time in which a camera was not observed."""

    camera: str
    from_utc: datetime
    to_utc: datetime
    cause: str = Field(description="Such as not running, camera lost, frozen, dark, tracks lost.")


class HistoryAnswer(_Answer):
    """Every zone, step by step in order of time; steps without observation may be missing."""

    venue: str
    by: HistoryStep
    time_zone: str = Field(description="Time zone of hours and days.")
    steps: tuple[HistoryStepAnswer, ...]
    gaps: tuple[HistoryGapAnswer, ...] = Field(description="Gaps of every camera, in order of time.")


def _make_stand_fields() -> dict[str, tuple[object, object]]:
    fields: dict[str, tuple[object, object]] = {"stand": (str, ...)}
    for column in STAND_COLUMNS:
        fields[column.key] = (float | None, Field(description=column.definition.template))
        if column.is_estimate:
            fields[column.interval_key] = (tuple[float, float] | None, Field(description="95 %."))
    described = Field(description="Whether the 95 % interval of `of_place` leaves out 1.")
    return {**fields, "place_verdict": (PlaceVerdict, described)}


StandAnswer = create_model(  # type: ignore[call-overload]
    "StandAnswer",
    __base__=_Answer,
    __doc__="One stand in a period; no figures for fewer than 5 visits, to protect privacy.",
    **_make_stand_fields(),
)


class StandsAnswer(_Answer):
    """Every stand in a period, the best for its place first."""

    venue: str
    stands: tuple[StandAnswer, ...]  # type: ignore[valid-type]


def describe_stands(venue: str, stands: Sequence[StandRow]) -> StandsAnswer:
    """Return the response for the stands of a period."""
    return StandsAnswer.model_validate(
        {"venue": venue, "stands": [describe_stand(stand) for stand in stands]}
    )


def describe_hall_in_site(hall: str, name: str, snapshot: HallSnapshot | None) -> HallInSite:
    """Return the response for a hall of a site."""
    figures = ("people", "capacity", "arrivals_15_min", "arrivals_today")
    return HallInSite(
        hall=hall,
        name=name,
        at_utc=None if snapshot is None else _to_utc(snapshot.at_utc_s),
        open_alarms=None if snapshot is None else len(snapshot.alarms),
        **{figure: getattr(snapshot, figure, None) for figure in figures},
    )


def describe_row(row: StepFigures) -> HistoryStepAnswer:
    """Return the response for a zone in a step of the history."""
    (start_s, end_s), figures = row
    return HistoryStepAnswer.model_validate(
        {
            "zone": figures.name,
            "from_utc": _to_utc(start_s),
            "to_utc": _to_utc(end_s),
            **describe_record(figures, (COVERAGE, VISITS, MEAN_DWELL)),
        }
    )


def describe_gap(gap: Row) -> HistoryGapAnswer:
    """Return the response for a gap."""
    return HistoryGapAnswer(
        camera=gap["camera"], from_utc=_to_utc(gap["from_s"]), to_utc=_to_utc(gap["to_s"]), cause=gap["cause"]
    )
