"""Lengths of the visits and stops of every zone, as counts that can be added up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone
from analytics.dwell.visit_lengths import count_lengths
from analytics.exhibition.exposure import choose_stops_in
from analytics.rollups.stretch import Stretch
from analytics.rollups.zone_days import pack_lengths, sum_cells

ZONE_LENGTH_COLUMN_NAMES = (
    "zone",
    "visit_cells_s",
    "complete",
    "cut",
    "stops",
    "stop_cells_s",
    "stop_shares",
)
"""Tuples of cells (lower ends, seconds) with their contents: ``complete`` and ``cut`` visits; shares of the
``stops`` within the outline."""
_TUPLES = ("visit_cells_s", "complete", "cut", "stop_cells_s", "stop_shares")


def tabulate_zone_lengths(stretch: Stretch) -> pd.DataFrame:
    """Return one row per zone, columns of ``ZONE_LENGTH_COLUMN_NAMES``."""
    rows = [_tabulate_zone(stretch, zone) for zone in stretch.geometry.zones]
    table = pd.DataFrame(rows, columns=list(ZONE_LENGTH_COLUMN_NAMES))
    kinds = {"zone": "str", **dict.fromkeys(_TUPLES, "object")}
    return table.astype({name: kinds.get(name, "float64") for name in ZONE_LENGTH_COLUMN_NAMES})


def sum_lengths(days: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Return complete and cut visits of one zone by cells of ``CELL_S``, both of the same length."""
    return sum_cells(days["visit_cells_s"], days["complete"]), sum_cells(days["visit_cells_s"], days["cut"])


def sum_stops(days: pd.DataFrame) -> FloatArray:
    """Return the stops of one zone by cells of ``CELL_S``."""
    counts = [
        stops * np.asarray(shares, np.float64)
        for stops, shares in zip(days["stops"], days["stop_shares"], strict=True)
    ]
    return sum_cells(days["stop_cells_s"], pd.Series(counts, dtype="object"))


def _tabulate_zone(stretch: Stretch, zone: Zone) -> dict[str, object]:
    visits = stretch.visits[stretch.visits["zone"] == str(zone.name)]
    is_cut = (visits["censored_start"] + visits["censored_end"]).to_numpy(np.int64) > 0
    seconds = visits["seconds"].to_numpy(np.float64)
    both, cut = count_lengths(seconds), count_lengths(seconds[is_cut])
    cut = np.pad(cut, (0, len(both) - len(cut)))
    cells = np.flatnonzero(both)
    stops = choose_stops_in(stops=stretch.stops, outline=zone.outline)
    stop_cells_s, stop_counts = pack_lengths(count_lengths(stops["seconds"].to_numpy(np.float64)))
    return {
        "zone": str(zone.name),
        "visit_cells_s": pack_lengths(both)[0],
        "complete": tuple((both - cut)[cells].tolist()),
        "cut": tuple(cut[cells].tolist()),
        "stops": float(len(stops)),
        "stop_cells_s": stop_cells_s,
        "stop_shares": tuple(count / len(stops) for count in stop_counts),
    }
