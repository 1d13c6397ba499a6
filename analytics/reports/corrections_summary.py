"""What was kept out of the numbers and what somebody has to look at, as parts of summary.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

import pandas as pd

from analytics.visitors.cameras.lone_sights import LoneSights
from analytics.visitors.false_positives.brief_apparitions import Apparitions
from analytics.visitors.false_positives.corrections import Corrections
from analytics.visitors.false_positives.false_persons import FalsePlace

ZONE_FIGURES = ("visits", "mean_dwell_s", "person_seconds")


def describe_false_persons(
    *,
    excluded: Sequence[FalsePlace],
    proposed: Sequence[FalsePlace],
    corrections: Corrections,
    apparitions: Apparitions,
    lone_sights: LoneSights,
) -> dict[str, object]:
    """The key ``false_persons``: places that are in no number, and places that are but may hold no person.

    And how many were seen too briefly to have a place (``brief``), or by one camera alone where others should
    have seen them (``lone``); they are in no number either.

    Times are seconds on the clock of the period.
    """
    places: dict[str, object] = {
        name: [
            {
                "camera": str(place.camera),
                "x_m": round(place.x_m, 2),
                "y_m": round(place.y_m, 2),
                "seconds": round(place.seconds, 1),
                "pieces": place.pieces,
                "first_s": round(place.first_s, 3),
                "last_s": round(place.last_s, 3),
                "certain": place.is_certain,
                "decided": corrections.find_verdict(place) is not None,
            }
            for place in of_kind
        ]
        for name, of_kind in (("excluded", excluded), ("proposed", proposed))
    }
    return {**places, "brief": asdict(apparitions), "lone": asdict(lone_sights)}


def describe_staff(
    *,
    staff: pd.DataFrame,
    is_left_out: bool,
    zones: Mapping[str, object],
    other_zones: Mapping[str, object],
) -> dict[str, object]:
    """The key ``staff``: who is likely to work here, and every zone's figures with and without them.

    Args:
        staff: columns of ``STAFF_COLUMN_NAMES``.
        is_left_out: the main numbers are without staff.
        zones: the zones of the main summary.
        other_zones: those of the summary in which staff are treated the other way.
    """
    with_staff, without_staff = (other_zones, zones) if is_left_out else (zones, other_zones)
    rows: Any = staff.itertuples(index=False)
    return {
        "left_out": is_left_out,
        "proposed": [
            {
                "visitor": int(row.visitor),
                "home_zone": str(row.home_zone),
                "presence_s": round(float(row.presence_s), 1),
                "home_share": round(float(row.home_share), 3),
                "first_s": round(float(row.first_s), 3),
                "last_s": round(float(row.last_s), 3),
            }
            for row in rows
        ],
        "zones_with_staff": _select(with_staff),
        "zones_without_staff": _select(without_staff),
    }


def _select(zones: Mapping[str, object]) -> dict[str, dict[str, object]]:
    return {
        name: {figure: cast(Mapping[str, object], summary)[figure] for figure in ZONE_FIGURES}
        for name, summary in zones.items()
    }
