"""Finds people who are likely to work here: present most of the time, and mostly at one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone, ZoneKind
from analytics.dwell.visits import VisitSettings, compute_stays
from analytics.metrics.presence import Identity, order_by_person
from analytics.visitors.visitor_settings import SCALES

STAFF_COLUMN_NAMES = ("visitor", "home_zone", "presence_s", "home_share", "first_s", "last_s")


@dataclass(frozen=True, slots=True)
class StaffSettings:
    """When a person is proposed as staff.

    Attributes:
        presence_s: minimum time seen; visitors of a fair rarely spend an hour in one part of a hall.
        period_share: or this share of a period that is too short for that.
        min_presence_s: but never less than this.
    """

    presence_s: float = 3600.0
    period_share: float = 0.6
    min_presence_s: float = 900.0


STAFF = StaffSettings()


MAX_GAP_S = 2.0
"""A person unseen for longer does not count as present."""


def find_staff(
    *, tracks: pd.DataFrame, spans: pd.DataFrame | None, zones: Sequence[Zone], duration_s: float
) -> pd.DataFrame:
    """Propose staff, computing the stays of the few candidates only; see ``propose_staff``.

    Args:
        tracks: columns of ``TRACK_COLUMNS``, of identified visitors.
        spans: spans in which cameras were analysed, on the same clock; None: all the time.
    """
    rooms = [zone for zone in zones if zone.kind is ZoneKind.STAFF]
    people, _, presence_s = _measure_presence(tracks)
    candidates = set(people[presence_s >= _find_needed(duration_s)].tolist())
    if rooms:
        ground = shapely.union_all([room.outline.to_shape() for room in rooms])
        is_in = shapely.contains_xy(ground, tracks["x_m"].to_numpy(float), tracks["y_m"].to_numpy(float))
        candidates.update(tracks.loc[is_in, "visitor"].dropna().astype("int64").tolist())
    own = tracks[tracks["visitor"].isin(candidates).to_numpy(bool)]
    stays = compute_stays(tracks=own, zones=zones, spans=spans, settings=VisitSettings())
    return propose_staff(tracks=own, stays=stays, zones=zones, duration_s=duration_s)


def propose_staff(
    *, tracks: pd.DataFrame, stays: pd.DataFrame, zones: Sequence[Zone], duration_s: float
) -> pd.DataFrame:
    """Return visitors likely to be staff, columns of ``STAFF_COLUMN_NAMES``, the longest present first.

    Anyone mostly in a staff zone is proposed however short their presence. A person with a broken identity is
    proposed, if at all, by the pieces that are long enough.

    Args:
        tracks: columns of ``TRACK_COLUMNS``, of identified visitors.
        stays: columns of ``STAY_COLUMN_NAMES`` of the same visitors.
        duration_s: of the period, seconds.
    """
    empty = pd.DataFrame({name: pd.Series(dtype="object") for name in STAFF_COLUMN_NAMES})
    if not len(tracks) or not len(stays):
        return empty
    visitor, (first_s, last_s), presence_s = _measure_presence(tracks)
    people = pd.DataFrame(
        {"visitor": visitor, "presence_s": presence_s, "first_s": first_s, "last_s": last_s}
    )
    by_zone = stays.groupby(["visitor", "zone"], sort=True)["seconds"].sum().reset_index()
    by_zone = by_zone.sort_values("seconds", ascending=False, kind="stable")
    homes = by_zone.drop_duplicates("visitor").rename(columns={"zone": "home_zone"})
    people = people.merge(homes, on="visitor", how="inner")
    people["home_share"] = (people["seconds"] / people["presence_s"].clip(lower=1e-9)).clip(upper=1.0)
    needed_s = _find_needed(duration_s)
    staff_rooms = {str(zone.name) for zone in zones if zone.kind is ZoneKind.STAFF}
    is_present = (people["presence_s"] >= needed_s) | people["home_zone"].isin(staff_rooms)
    chosen = people[is_present & (people["home_share"] >= SCALES.majority)]
    chosen = chosen.sort_values(["presence_s", "visitor"], ascending=[False, True], kind="stable")
    return chosen.reset_index(drop=True)[list(STAFF_COLUMN_NAMES)]


def _find_needed(duration_s: float) -> float:
    """Return the minimum presence of a proposed person, seconds."""
    return max(STAFF.min_presence_s, min(STAFF.presence_s, STAFF.period_share * float(duration_s)))


def _measure_presence(
    tracks: pd.DataFrame,
) -> tuple[npt.NDArray[np.int64], tuple[FloatArray, FloatArray], FloatArray]:
    """Return visitors, their first and last times seen, and seconds of presence."""
    rows = order_by_person(tracks=tracks, identity=Identity.VISITOR, longest_gap_s=MAX_GAP_S)
    seconds = np.bincount(rows.person, weights=rows.seconds(), minlength=len(rows.person_ids))
    first_s, last_s = np.full((2, len(rows.person_ids)), np.nan)
    starts, ends = rows.segment_starts(), rows.segment_ends()
    # segments are in time order, so that the first start and the last end of a person remain
    first_s[rows.person[starts[::-1]]] = rows.time_s[starts[::-1]]
    last_s[rows.person[ends]] = rows.time_s[ends]
    return np.asarray(rows.person_ids, np.int64), (first_s, last_s), np.asarray(seconds, np.float64)
