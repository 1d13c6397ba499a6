"""Tracks of a period with visitors identified, the input of all numbers."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

import pandas as pd

from analytics.columns import SPAN_COLUMNS, TRACK_COLUMNS, require_columns
from analytics.domain.arrays import Interval
from analytics.domain.zone import CountingLine, Zone
from analytics.metrics.coverage import CameraView
from analytics.store.event_store import EventReader
from analytics.visitors.cameras.uncorroborated_tracks import UncorroboratedTracks
from analytics.visitors.doors import Doors
from analytics.visitors.false_positives.corrections import NO_CORRECTIONS, Corrections, correct_tracks
from analytics.visitors.false_positives.false_persons import FalsePlace
from analytics.visitors.false_positives.short_false_tracks import ShortFalseTracks
from analytics.visitors.false_positives.staff import find_staff
from analytics.visitors.identification import identify_visitors
from app.core.document import Venue
from app.facts.camera_views import find_camera_views, list_calibrations
from app.facts.expired_tracks import require_tracks

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class IdentifiedPeriod:
    """Identified tracks of a period; all times count from its start.

    Attributes:
        tracks: counted tracks; columns of ``TRACK_COLUMNS``, ``visitor`` known, one row per visitor and
            moment.
        spans: columns of ``SPAN_COLUMNS``, cut to the period.
        links: tracklets joined to visitors, columns of ``LINK_COLUMNS``.
        excluded: places of false positives, in no track.
        proposed: places to be decided, in the tracks.
        short_false_tracks: short false tracks, left out.
        uncorroborated: tracks not confirmed by other cameras that cover the place, left out.
        accepted: places confirmed as a person, in the tracks.
        staff: likely staff, columns of ``STAFF_COLUMN_NAMES``.
        staff_tracks: tracks of staff, counted or not.
        leaves_staff_out: whether staff are left out of ``tracks``.
        doors: where people come and go amid the view.
        parameters: settings used, for ``summary.json``.
    """

    tracks: pd.DataFrame
    spans: pd.DataFrame
    links: pd.DataFrame
    excluded: tuple[FalsePlace, ...]
    proposed: tuple[FalsePlace, ...]
    accepted: tuple[FalsePlace, ...]
    short_false_tracks: ShortFalseTracks
    uncorroborated: UncorroboratedTracks
    staff: pd.DataFrame
    staff_tracks: pd.DataFrame
    leaves_staff_out: bool
    doors: Doors
    parameters: Mapping[str, object]

    def find_other_tracks(self) -> pd.DataFrame:
        """Return the tracks counted if staff were treated the other way."""
        if self.leaves_staff_out:
            together = pd.concat([self.tracks, self.staff_tracks])
            return together.sort_values(["time_s", "tracklet"], kind="stable", ignore_index=True)
        is_staff = self.tracks["visitor"].isin(self.staff["visitor"]).to_numpy(bool)
        return self.tracks[~is_staff]


def identify_period(
    *,
    tracks: pd.DataFrame,
    spans: pd.DataFrame,
    period_s: Interval,
    views: Sequence[CameraView],
    zones: Sequence[Zone],
    lines: Sequence[CountingLine] = (),
    corrections: Corrections = NO_CORRECTIONS,
) -> IdentifiedPeriod:
    """Cut tracks and spans to a period, remove false positives and identify visitors.

    Staff are left out where the corrections say so.

    Args:
        tracks, spans: on the period's clock; times outside are cut off.
    """
    require_columns(tracks, TRACK_COLUMNS)
    require_columns(spans, SPAN_COLUMNS)
    start_s, end_s = period_s
    within = tracks[(tracks["time_s"] >= start_s) & (tracks["time_s"] <= end_s)]
    within = within.assign(time_s=within["time_s"] - start_s)
    cut = spans.assign(
        start_s=spans["start_s"].clip(start_s, end_s) - start_s,
        end_s=spans["end_s"].clip(start_s, end_s) - start_s,
    )
    persons = {str(view.camera) for view in views if view.gives_persons}
    is_person = within["camera"].isin(persons).to_numpy(bool)
    corrected = correct_tracks(tracks=within[~is_person], corrections=corrections)
    identified = identify_visitors(
        tracks=corrected.tracks,
        spans=cut,
        views=[view for view in views if not view.gives_persons],
        zones=zones,
        lines=lines,
        not_doors=corrections.not_doors,
        kept_places=corrected.kept,
    )
    people = _add_persons(identified.tracks, within[is_person])
    staff = find_staff(tracks=people, spans=cut, zones=zones, duration_s=end_s - start_s)
    is_staff = people["visitor"].isin(staff["visitor"]).to_numpy(bool)
    return IdentifiedPeriod(
        tracks=people[~is_staff] if corrections.excludes_staff else people,
        spans=cut,
        links=identified.links,
        excluded=corrected.excluded,
        proposed=corrected.proposed,
        accepted=corrected.accepted,
        short_false_tracks=identified.apparitions,
        uncorroborated=identified.lone_sights,
        staff=staff,
        staff_tracks=people[is_staff],
        leaves_staff_out=corrections.excludes_staff,
        doors=identified.doors,
        parameters={"visitors": identified.parameters},
    )


def _add_persons(tracks: pd.DataFrame, persons: pd.DataFrame) -> pd.DataFrame:
    """Return identified tracks with those of sensors whose tracklets are one person each."""
    if not len(persons):
        return tracks
    first = int(tracks["visitor"].max()) + 1 if len(tracks) else 0
    number, _ = pd.factorize(persons["tracklet"], sort=True)
    numbered = persons.assign(visitor=pd.array(number + first, dtype="Int64"))
    together = pd.concat([tracks, numbered[list(tracks.columns)]]) if len(tracks) else numbered
    return together.sort_values(["time_s", "visitor"], kind="stable", ignore_index=True)


def read_identified_period(
    *,
    venue: Venue,
    reader: EventReader,
    spans: pd.DataFrame,
    period_s: Interval,
    zones: Sequence[Zone],
    lines: Sequence[CountingLine],
    read_tracks: Callable[[], pd.DataFrame],
) -> IdentifiedPeriod:
    """Identify a period of a venue's history, with the last periods cached.

    Pages read the same period one after the other, and again whenever the history grows elsewhere.
    The cache key covers everything that changes the result: spans, fields of view, doors
    and decisions.

    Args:
        read_tracks: reads the tracks of the period; called if needed.

    Raises:
        StoreError: the history cannot be read, or the tracks of the period were deleted for their age.
    """
    spans = spans[spans["end_s"] > spans["start_s"]]
    require_tracks(reader, spans, period_s)
    extent = reader.time_range()
    key = (
        str(venue.folder),
        period_s,
        None if extent is None else (max(extent.start_s, period_s[0]), min(extent.end_s, period_s[1])),
        _digest(spans),
        list_calibrations(venue),
        tuple(zones),
        tuple(lines),
        venue.corrections,
    )
    with _COMPUTING:
        known = _REMEMBERED.find(key)
        if known is None:
            known = identify_period(
                tracks=read_tracks(),
                spans=spans,
                period_s=period_s,
                views=find_camera_views(venue),
                zones=zones,
                lines=lines,
                corrections=venue.corrections,
            )
            _REMEMBERED.add(key, known)
    return known


def derive(period: IdentifiedPeriod, what: Hashable, compute: Callable[[], T]) -> T:
    """Return a value computed from a period, cached for as long as the period is.

    Args:
        what: key of the value, with all that it depends on besides the period.
        compute: must be deterministic; its result must not be modified.
    """
    with _COMPUTING:
        known = _DERIVED.setdefault(period, {})
        if what not in known:
            known[what] = compute()
        return cast(T, known[what])


def clear_cached_periods() -> None:
    """Drop every cached period, so that deleted data are not kept in memory."""
    with _COMPUTING:
        _REMEMBERED.clear()


class PeriodCache:
    """Thread-safe cache of the last used periods, up to a number of track points."""

    def __init__(self, max_points: int) -> None:
        self._max_points = max_points
        self._lock = threading.Lock()
        self._periods: OrderedDict[object, IdentifiedPeriod] = OrderedDict()

    def find(self, key: object) -> IdentifiedPeriod | None:
        """Return the period of a key, or None."""
        with self._lock:
            if key in self._periods:
                self._periods.move_to_end(key)
            return self._periods.get(key)

    def add(self, key: object, period: IdentifiedPeriod) -> None:
        """Add a period, and drop the least recently used ones above the limit."""
        with self._lock:
            self._periods[key] = period
            while sum(len(entry.tracks) for entry in self._periods.values()) > self._max_points:
                self._periods.popitem(last=False)

    def clear(self) -> None:
        """Drop all periods."""
        with self._lock:
            self._periods.clear()


_MAX_POINTS = 6_000_000
"""Maximum cached track points: some 500 MB, two days of a small hall."""
_REMEMBERED = PeriodCache(_MAX_POINTS)
_DERIVED: WeakKeyDictionary[IdentifiedPeriod, dict[Hashable, object]] = WeakKeyDictionary()
_COMPUTING = threading.RLock()
"""Lock for one computation at a time, as Python would not run two any faster."""


def _digest(spans: pd.DataFrame) -> str:
    names = [column.name for column in SPAN_COLUMNS]
    return hashlib.sha256(
        pd.util.hash_pandas_object(spans[names], index=False).to_numpy().tobytes()
    ).hexdigest()
