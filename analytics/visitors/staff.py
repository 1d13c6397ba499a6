"""Who is likely to work here: people who are there for most of the time, and mostly at one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.presence import Identity, order_by_person

STAFF_COLUMN_NAMES = ("visitor", "home_zone", "presence_s", "home_share", "first_s", "last_s")


@dataclass(frozen=True, slots=True)
class StaffSettings:
    """When somebody is proposed as staff.

    Attributes:
        presence_s: seen for at least so long; visitors of a fair rarely spend an hour in one hall part.
        period_share: or for this share of a period that is too short for that.
        least_presence_s: but never for less.
        home_share: so much of the presence is in one zone.
    """

    presence_s: float = 3600.0
    period_share: float = 0.6
    least_presence_s: float = 900.0
    home_share: float = 0.5


def propose_staff(
    *,
    tracks: pd.DataFrame,
    stays: pd.DataFrame,
    zones: Sequence[Zone],
    duration_s: float,
    settings: StaffSettings | None = None,
) -> pd.DataFrame:
    """Visitors who are likely to be staff, columns of ``STAFF_COLUMN_NAMES``, the longest present first.

    Whoever is mostly in a zone of kind staff is proposed however short their presence. A person whose
    identity broke is proposed, if at all, by the pieces that are long enough.

    Args:
        tracks: columns of ``TRACK_COLUMNS``, of identified visitors.
        stays: columns of ``STAY_COLUMN_NAMES`` of the same visitors.
        duration_s: of the period, seconds.
    """
    settings = settings or StaffSettings()
    empty = pd.DataFrame({name: pd.Series(dtype="object") for name in STAFF_COLUMN_NAMES})
    if not len(tracks) or not len(stays):
        return empty
    rows = order_by_person(tracks=tracks, identity=Identity.VISITOR, longest_gap_s=2.0)
    presence_s = np.bincount(rows.person, weights=rows.seconds(), minlength=len(rows.person_ids))
    people = pd.DataFrame(
        {
            "visitor": rows.person_ids,
            "presence_s": presence_s,
            "first_s": pd.Series(rows.time_s).groupby(rows.person).min().to_numpy(),
            "last_s": pd.Series(rows.time_s).groupby(rows.person).max().to_numpy(),
        }
    )
    by_zone = stays.groupby(["visitor", "zone"], sort=True)["seconds"].sum().reset_index()
    by_zone = by_zone.sort_values("seconds", ascending=False, kind="stable")
    homes = by_zone.drop_duplicates("visitor").rename(columns={"zone": "home_zone"})
    people = people.merge(homes, on="visitor", how="inner")
    people["home_share"] = (people["seconds"] / people["presence_s"].clip(lower=1e-9)).clip(upper=1.0)
    needed_s = max(
        settings.least_presence_s, min(settings.presence_s, settings.period_share * float(duration_s))
    )
    staff_rooms = {str(zone.name) for zone in zones if zone.kind is ZoneKind.STAFF}
    is_present = (people["presence_s"] >= needed_s) | people["home_zone"].isin(staff_rooms)
    chosen = people[is_present & (people["home_share"] >= settings.home_share)]
    chosen = chosen.sort_values(["presence_s", "visitor"], ascending=[False, True], kind="stable")
    return chosen.reset_index(drop=True)[list(STAFF_COLUMN_NAMES)]
