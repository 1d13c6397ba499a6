"""Sums of every zone for a stretch of time, from which its figures over any number of stretches follow."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone
from analytics.dwell.dwell import CountErrors
from analytics.dwell.visit_lengths import CELL_S, count_lengths
from analytics.metrics.coverage import compute_zone_coverage
from analytics.metrics.unseen_share import measure_unseen_shares
from analytics.rollups.stretch import Stretch

ZONE_DAY_COLUMN_NAMES = (
    "zone",
    "start_s",
    "duration_s",
    "coverage",
    "visits",
    "mean_dwell_s",
    "unseen_share",
    *CountErrors._fields,
    "part_cells_s",
    "part_shares",
)
"""Columns of the table. ``start_s``, ``duration_s``: of the stretch. ``mean_dwell_s``: times ``visits``, the
person-seconds of the visits; NaN without one. ``part_``: the visits by length, as tuples of cells (lower
ends, seconds) and their shares."""
_TUPLES = ("part_cells_s", "part_shares")


def tabulate_zone_days(stretch: Stretch) -> pd.DataFrame:
    """Return one row per zone, columns of ``ZONE_DAY_COLUMN_NAMES``."""
    unseen = measure_unseen_shares(tracks=stretch.tracks, zones=stretch.geometry.zones)
    rows = [_tabulate_zone(stretch, zone, unseen[str(zone.name)]) for zone in stretch.geometry.zones]
    table = pd.DataFrame(rows, columns=list(ZONE_DAY_COLUMN_NAMES))
    kinds = {"zone": "str", **dict.fromkeys(_TUPLES, "object")}
    return table.astype({name: kinds.get(name, "float64") for name in ZONE_DAY_COLUMN_NAMES})


def _tabulate_zone(stretch: Stretch, zone: Zone, unseen_share: float | None) -> dict[str, object]:
    name = str(zone.name)
    visits = stretch.visits[stretch.visits["zone"] == name]
    cells_s, counts = pack_lengths(count_lengths(visits["seconds"].to_numpy(np.float64)))
    return {
        "zone": name,
        "start_s": 0.0,
        "duration_s": stretch.duration_s,
        "coverage": compute_zone_coverage(
            outline=zone.outline, views=stretch.views, spans=stretch.spans, period_s=stretch.period_s
        ),
        "visits": float(len(visits)),
        "mean_dwell_s": float(visits["seconds"].mean()),
        "unseen_share": np.nan if unseen_share is None else unseen_share,
        **stretch.visit_errors[name]._asdict(),
        "part_cells_s": cells_s,
        "part_shares": tuple(count / len(visits) for count in counts),
    }


def pack_lengths(count: FloatArray) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the cells that hold a visit (lower ends, seconds) and their numbers."""
    cells = np.flatnonzero(count)
    return tuple((cells * CELL_S).tolist()), tuple(count[cells].tolist())


def sum_cells(cells_s: pd.Series, counts: pd.Series) -> FloatArray:
    """Return numbers by length in cells of ``CELL_S``, added up over rows.

    Args:
        cells_s, counts: a tuple in each row; see ``pack_lengths``.
    """
    at = [np.asarray(cells, np.float64) for cells in cells_s]
    known = [np.asarray(count, np.float64) for count in counts]
    if not at:
        return np.empty(0)
    cell = (np.concatenate(at) / CELL_S + 1e-6).astype(np.int64)
    return np.bincount(cell, np.concatenate(known)).astype(np.float64)


def sum_day_lengths(days: pd.DataFrame) -> FloatArray:
    """Return the visits by length of zones and days, rows of the table."""
    counts = [
        visits * np.asarray(shares, np.float64)
        for visits, shares in zip(days["visits"], days["part_shares"], strict=True)
    ]
    return sum_cells(days["part_cells_s"], pd.Series(counts, dtype="object"))
