"""What the REST interface answers, as its OpenAPI description says; null: not observed or not known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from analytics.alarms.alarm import Alarm
from analytics.reports.zone_figures import MEAN_DWELL
from app.integrations.hall_snapshot import CameraSnapshot, HallSnapshot, LineSnapshot, ZoneSnapshot
from app.integrations.rest.hourly_summary import HistoryGap, HistoryRow, HistoryStep


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Problem(_Answer):
    """Why there is no answer (RFC 9457)."""

    type: str = Field("about:blank", description="Nothing more is documented about it.")
    title: str = Field(description="The problem in a sentence.")
    status: int
    detail: str = Field("", description="What to do about it.")


class ZoneNow(_Answer):
    """A zone at this moment. Null stands for what is not observed or not known, never 0."""

    name: str
    kind: str
    people: int | None = Field(description="Null while less than 80 % of the zone is observed.")
    capacity: int | None
    density_per_m2: float | None = Field(description="People per m² of observed floor.")
    level_of_service: str | None = Field(description="After Fruin for walkways, A to F.")
    arrivals_15_min: int | None = Field(description="Visits that began in the last 15 minutes.")
    visits_today: int | None = Field(description="Since midnight by the venue's clock.")
    queue: int | None = Field(description="People, in a zone of kind queue.")
    wait_s: float | None = Field(description="Of a queue, by Little's law over the last 15 minutes.")


class LineNow(_Answer):
    """A counting line; crossings since midnight by the venue's clock."""

    name: str
    kind: str
    in_today: int | None
    out_today: int | None


class CameraNow(_Answer):
    """A camera: analysed at this moment (live), not although it should be (down), or not recorded (idle)."""

    name: str
    state: Literal["live", "down", "idle"]
    frames_per_s: float | None
    down_s: float | None


class AlarmNow(_Answer):
    """An alarm that holds."""

    measure: str = Field(description="people, density, queue, wait or camera_down.")
    zone: str | None = Field(description="Null for the whole hall, and for cameras.")
    camera: str | None
    raised_utc: datetime
    level: float = Field(description="That was exceeded, in the unit of the measure.")
    worst: float
    is_acknowledged: bool


class HallNow(_Answer):
    """The hall at this moment."""

    venue: str
    at_utc: datetime
    is_observed: bool = Field(description="Whether any camera is analysed at this moment.")
    observed_share: float | None = Field(description="Of the zones' floor that the live cameras see, 0 to 1.")
    people: int | None = Field(description="In view of the cameras, everybody once.")
    capacity: int | None
    arrivals_15_min: int | None = Field(description="Inward crossings of the entrance lines.")
    observed_15_min_s: float | None = Field(description="Seconds of these 15 minutes that were observed.")
    arrivals_today: int | None = Field(description="Since midnight, in the minutes that were observed.")
    observed_today_min: int | None
    today_until_utc: datetime | None = Field(description="Up to when zones and lines of today are counted.")
    zones: tuple[ZoneNow, ...]
    lines: tuple[LineNow, ...]
    cameras: tuple[CameraNow, ...]
    alarms: tuple[AlarmNow, ...]


class HistoryStepAnswer(_Answer):
    """One zone in one hour or day."""

    zone: str
    from_utc: datetime
    to_utc: datetime
    coverage: float = Field(description="Share of the step that was observed, 0 to 1.")
    visits: int | None
    visits_interval: tuple[float, float] | None = Field(description="95 %; of days alone.")
    mean_dwell_s: float | None = Field(
        description=f"{MEAN_DWELL.definition} Null for fewer than 5 visits, lest a person be told."
    )
    mean_dwell_interval_s: tuple[float, float] | None = Field(description="95 %.")


class HistoryGapAnswer(_Answer):
    """A time in which a camera was not observed."""

    camera: str
    from_utc: datetime
    to_utc: datetime
    cause: str = Field(description="Such as not running, camera lost, frozen, dark, tracks lost.")


class HistoryAnswer(_Answer):
    """Every zone, step by step in the order of time; steps in which nothing was observed may be missing."""

    venue: str
    by: HistoryStep
    time_zone: str = Field(description="By whose clock hours and days are cut.")
    steps: tuple[HistoryStepAnswer, ...]
    gaps: tuple[HistoryGapAnswer, ...] = Field(description="Of every camera, in the order of time.")


def describe_hall(snapshot: HallSnapshot) -> HallNow:
    """A snapshot as it is answered."""
    return HallNow(
        venue=snapshot.venue,
        at_utc=_to_utc(snapshot.at_utc_s),
        is_observed=snapshot.is_observed,
        observed_share=_round(snapshot.observed_share),
        people=snapshot.people,
        capacity=snapshot.capacity,
        arrivals_15_min=snapshot.arrivals_15_min,
        observed_15_min_s=_round(snapshot.observed_15_min_s),
        arrivals_today=snapshot.arrivals_today,
        observed_today_min=snapshot.observed_today_min,
        today_until_utc=None if snapshot.today_until_utc_s is None else _to_utc(snapshot.today_until_utc_s),
        zones=tuple(describe_zone(zone) for zone in snapshot.zones),
        lines=tuple(describe_line(line) for line in snapshot.lines),
        cameras=tuple(describe_camera(camera) for camera in snapshot.cameras),
        alarms=tuple(describe_alarm(alarm) for alarm in snapshot.alarms),
    )


def describe_zone(zone: ZoneSnapshot) -> ZoneNow:
    """A zone as it is answered."""
    return ZoneNow(
        name=zone.name,
        kind=zone.kind,
        people=zone.people,
        capacity=zone.capacity,
        density_per_m2=_round(zone.density_per_m2),
        level_of_service=zone.level_of_service,
        arrivals_15_min=zone.arrivals_15_min,
        visits_today=zone.visits_today,
        queue=zone.queue,
        wait_s=_round(zone.wait_s),
    )


def describe_line(line: LineSnapshot) -> LineNow:
    """A line as it is answered."""
    return LineNow(name=line.name, kind=line.kind, in_today=line.in_today, out_today=line.out_today)


def describe_camera(camera: CameraSnapshot) -> CameraNow:
    """A camera as it is answered."""
    return CameraNow.model_validate(
        {
            "name": camera.name,
            "state": camera.state,
            "frames_per_s": _round(camera.frames_per_s),
            "down_s": _round(camera.down_s),
        }
    )


def describe_alarm(alarm: Alarm) -> AlarmNow:
    """An alarm as it is answered."""
    return AlarmNow(
        measure=alarm.key.measure.value,
        zone=alarm.key.zone or None,
        camera=alarm.key.camera or None,
        raised_utc=_to_utc(alarm.raised_utc_s),
        level=alarm.level,
        worst=alarm.worst,
        is_acknowledged=alarm.acknowledged_utc_s is not None,
    )


def describe_row(row: HistoryRow) -> HistoryStepAnswer:
    """A row of the history as it is answered."""
    figures = row.figures
    return HistoryStepAnswer(
        zone=figures.name,
        from_utc=_to_utc(row.period_s[0]),
        to_utc=_to_utc(row.period_s[1]),
        coverage=figures.coverage,
        visits=figures.visits,
        visits_interval=figures.visits_interval,
        mean_dwell_s=figures.mean_dwell_s,
        mean_dwell_interval_s=figures.mean_dwell_interval_s,
    )


def describe_gap(gap: HistoryGap) -> HistoryGapAnswer:
    """Return a gap as it is answered."""
    start_s, end_s = gap.period_s
    return HistoryGapAnswer(
        camera=gap.camera, from_utc=_to_utc(start_s), to_utc=_to_utc(end_s), cause=gap.cause
    )


def _to_utc(time_utc_s: float) -> datetime:
    return datetime.fromtimestamp(round(time_utc_s, 3), UTC)


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
