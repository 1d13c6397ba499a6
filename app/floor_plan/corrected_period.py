"""Corrections of a period: places and staff left out of its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.domain.arrays import Interval
from analytics.domain.identifiers import CameraId
from analytics.dwell.zone_figures import ZoneFigures
from analytics.visitors.false_positives.corrections import Corrections, DecidedPlace, PlaceVerdict
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue

if TYPE_CHECKING:
    from analytics.visitors.false_positives.false_persons import FalsePlace
    from app.facts.identified_period import IdentifiedPeriod


DECISION_RADIUS_M = 0.5
"""Radius of a decision: ``FalsePersonSettings.place_m``, within which track parts are one thing."""


class PlaceState(StrEnum):
    """Treatment of a place where something never moves."""

    PROPOSED = "proposed"
    """Counted until somebody decides whether it is a person."""
    LEFT_OUT = "left_out"
    """Left out of every number."""
    KEPT = "kept"
    """Counted after somebody confirmed a person."""


@dataclass(frozen=True, slots=True)
class ListedPlace:
    """A place where a camera sees something that never moves, or with a decision about it.

    Attributes:
        seconds: time seen in the period; None for a decided place where nothing was found.
        is_decided: a person decided; otherwise the state was found automatically.
    """

    camera: CameraId
    x_m: float
    y_m: float
    seconds: float | None
    state: PlaceState
    is_decided: bool

    def decide(self, verdict: PlaceVerdict) -> DecidedPlace:
        """Return a decision about this place."""
        return DecidedPlace(self.camera, self.x_m, self.y_m, DECISION_RADIUS_M, verdict)


@dataclass(frozen=True, slots=True)
class StaffZone:
    """A zone's figures with likely staff and without them."""

    with_staff: ZoneFigures
    without: ZoneFigures


@dataclass(frozen=True, slots=True)
class StaffPerson:
    """A likely member of staff; times count from the start of the period."""

    home_zone: str
    presence_s: float
    home_share: float
    first_s: float
    last_s: float


@dataclass(frozen=True, slots=True)
class StaffComparison:
    """Likely staff and their effect on the numbers.

    Attributes:
        zones: empty without likely staff.
    """

    people: tuple[StaffPerson, ...]
    zones: tuple[StaffZone, ...]
    is_left_out: bool


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedPeriod:
    """Identified tracks of a period, with what was left out.

    Attributes:
        period_s: start and end, seconds since the epoch.
    """

    identified: IdentifiedPeriod
    period_s: Interval


def list_places(corrections: Corrections, period: IdentifiedPeriod | None) -> tuple[ListedPlace, ...]:
    """Return every place: to decide, left out, confirmed, and decided but absent from the period.

    Args:
        corrections: may be newer than the period.
        period: None where nothing was observed.
    """
    found = () if period is None else (*period.proposed, *period.excluded, *period.accepted)
    listed = [
        ListedPlace(
            place.camera,
            place.x_m,
            place.y_m,
            place.seconds,
            _find_state(place, verdict),
            verdict is not None,
        )
        for place in found
        for verdict in (corrections.find_verdict(place),)
    ]
    order = list(PlaceState)
    listed.sort(key=lambda place: (order.index(place.state), -(place.seconds or 0.0)))
    listed += [
        ListedPlace(
            camera=decided.camera,
            x_m=decided.x_m,
            y_m=decided.y_m,
            seconds=None,
            state=PlaceState.KEPT if decided.verdict is PlaceVerdict.PERSON else PlaceState.LEFT_OUT,
            is_decided=True,
        )
        for decided in corrections.places
        if not any(decided.concerns(place) for place in found)
    ]
    return tuple(listed)


def _find_state(place: FalsePlace, verdict: PlaceVerdict | None) -> PlaceState:
    if verdict is PlaceVerdict.PERSON:
        return PlaceState.KEPT
    if verdict is PlaceVerdict.NOT_A_PERSON or place.is_certain:
        return PlaceState.LEFT_OUT
    return PlaceState.PROPOSED


def sum_left_out(places: Iterable[ListedPlace]) -> tuple[int, float]:
    """Return the number of places left out, and the seconds in which something was seen there."""
    seconds = [
        place.seconds for place in places if place.state is PlaceState.LEFT_OUT and place.seconds is not None
    ]
    return len(seconds), sum(seconds)


def compare_staff(venue: Venue, corrected: CorrectedPeriod) -> StaffComparison:
    """Compute every zone's figures with and without staff, by the zones at the end of the period.

    Only the time after the last change of zones is counted.
    """
    from analytics.results.summary import compute_results
    from app.facts.camera_views import find_camera_views

    period, period_s = corrected.identified, corrected.period_s
    people = tuple(
        StaffPerson(str(home), float(presence_s), float(share), float(first_s), float(last_s))
        for home, presence_s, share, first_s, last_s in zip(
            *(period.staff[name] for name in ("home_zone", "presence_s", "home_share", "first_s", "last_s")),
            strict=True,
        )
    )
    if not people:
        return StaffComparison((), (), period.leaves_staff_out)
    versions = list(venue.geometries_between(*period_s))
    geometry, since_s, _ = versions[-1] if versions else (venue.geometry_at(period_s[1]), *period_s)
    offset_s = since_s - period_s[0]
    spans = period.spans.assign(
        start_s=(period.spans["start_s"] - offset_s).clip(lower=0.0),
        end_s=(period.spans["end_s"] - offset_s).clip(lower=0.0),
    )
    sides = []
    for tracks in (period.tracks, period.find_other_tracks()):
        shifted = tracks.assign(time_s=tracks["time_s"] - offset_s)
        results = compute_results(
            tracks=shifted[shifted["time_s"] >= 0.0],
            spans=spans[spans["end_s"] > spans["start_s"]],
            zones=geometry.zones,
            lines=(),
            duration_s=period_s[1] - since_s,
            views=find_camera_views(venue),
            doors=period.doors,
        )
        sides.append(results.zones)
    without, with_staff = sides if period.leaves_staff_out else sides[::-1]
    zones = tuple(StaffZone(with_staff[name], without[name]) for name in with_staff)
    return StaffComparison(people, zones, period.leaves_staff_out)


@changes_venue(Permission.EDIT_PLAN, "corrections changed")
def decide_place(folder: Path, decision: DecidedPlace) -> Venue:
    """Apply a decision about a place to the whole history, replacing earlier ones about it.

    Raises:
        VenueError: the camera is unknown, or the folder cannot be read or written.
    """
    venue = read_venue(folder)
    venue.camera(decision.camera)
    return _write(venue, venue.corrections.decide(decision))


@changes_venue(Permission.EDIT_PLAN, "corrections changed")
def leave_staff_out(folder: Path, is_left_out: bool) -> Venue:
    """Leave likely staff out of every number, or count them.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    venue = read_venue(folder)
    return _write(venue, replace(venue.corrections, excludes_staff=is_left_out))


@changes_venue(Permission.EDIT_PLAN, "corrections changed")
def restore_corrections(folder: Path, corrections: Corrections) -> Venue:
    """Replace all decisions by earlier ones.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    return _write(read_venue(folder), corrections)


def _write(venue: Venue, corrections: Corrections) -> Venue:
    changed = replace(venue, corrections=corrections)
    write_venue(changed)
    return changed
