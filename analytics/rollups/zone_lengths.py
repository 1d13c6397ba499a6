"""Lengths of the visits and stops of every zone, as counts that can be added up."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone
from analytics.dwell.dwell_distribution import CELL_S
from analytics.dwell.engagement import estimate_stop_distribution
from analytics.dwell.survival_curve import EnteredVisits, count_entered
from analytics.dwell.zone_summary import join_stays
from analytics.exhibition.exposure import choose_stops_in
from analytics.rollups.stretch import Stretch
from analytics.rollups.zone_days import pack_distribution

ZONE_LENGTH_COLUMN_NAMES = (
    "zone",
    "visit_cells_s",
    "complete",
    "cut",
    "entered_cells_s",
    "entered",
    "ended",
    "stops",
    "stop_cells_s",
    "stop_shares",
    "stop_known_to_s",
)
"""Tuples of cells (lower ends, seconds) with their contents: ``complete`` and ``cut`` visits as they are
listed; ``entered`` and ``ended`` of ``EnteredVisits``; the distribution of the ``stops`` within the
outline (see ``DwellDistribution``), empty without stops."""
_TUPLES = tuple(name for name in ZONE_LENGTH_COLUMN_NAMES if name not in ("zone", "stops", "stop_known_to_s"))


def tabulate_zone_lengths(stretch: Stretch) -> pd.DataFrame:
    """Return one row per zone, columns of ``ZONE_LENGTH_COLUMN_NAMES``."""
    rows = [_tabulate_zone(stretch, zone) for zone in stretch.geometry.zones]
    table = pd.DataFrame(rows, columns=list(ZONE_LENGTH_COLUMN_NAMES))
    return table.astype(
        {
            name: "str" if name == "zone" else "object" if name in _TUPLES else "float64"
            for name in ZONE_LENGTH_COLUMN_NAMES
        }
    )


def sum_lengths(days: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Return complete and cut visits of one zone by cells of ``CELL_S``, both of the same length."""
    return _add(days["visit_cells_s"], days["complete"]), _add(days["visit_cells_s"], days["cut"])


def sum_entered(days: pd.DataFrame) -> EnteredVisits:
    """Return the visits of one zone whose start was seen."""
    cells = days["entered_cells_s"]
    return EnteredVisits(_add(cells, days["entered"]), _add(cells, days["ended"]))


def _tabulate_zone(stretch: Stretch, zone: Zone) -> dict[str, object]:
    name, settings = str(zone.name), stretch.settings.dwell
    visits = stretch.visits[stretch.visits["zone"] == name]
    cell = (visits["seconds"].to_numpy(np.float64) / CELL_S + 1e-6).astype(np.int64)
    is_cut = (visits["censored_start"] + visits["censored_end"]).to_numpy(np.int64) > 0
    weight = visits["probability"].to_numpy(np.float64)
    length = int(cell.max()) + 1 if len(cell) else 0
    complete, cut = (np.bincount(cell[which], weight[which], length) for which in (~is_cut, is_cut))
    own = stretch.stays[stretch.stays["zone"] == name]
    entered = count_entered(
        stays=join_stays(zone=zone, stays=own, settings=settings),
        minimum_stay_s=zone.minimum_stay_s,
        ended_share=settings.ended_share,
    )
    stops = choose_stops_in(stops=stretch.stops, outline=zone.outline)
    found = estimate_stop_distribution(stops)
    stop_cells_s, stop_shares = pack_distribution(found)
    visit_at, entered_at = np.flatnonzero(complete + cut), np.flatnonzero(entered.count)
    return {
        "zone": name,
        "visit_cells_s": _to_tuple(visit_at * CELL_S),
        "complete": _to_tuple(complete[visit_at]),
        "cut": _to_tuple(cut[visit_at]),
        "entered_cells_s": _to_tuple(entered_at * CELL_S),
        "entered": _to_tuple(entered.count[entered_at]),
        "ended": _to_tuple(entered.ended[entered_at]),
        "stops": float(len(stops)),
        "stop_cells_s": stop_cells_s,
        "stop_shares": stop_shares,
        "stop_known_to_s": np.nan if found is None else found.known_to_s,
    }


def _to_tuple(values: npt.NDArray[np.generic]) -> tuple[float, ...]:
    return tuple(values.astype(np.float64).tolist())


def _add(cells_s: pd.Series, counts: pd.Series) -> FloatArray:
    at = [np.asarray(cells, np.float64) for cells in cells_s]
    known = [np.asarray(count, np.float64) for count in counts]
    if not at:
        return np.empty(0)
    cell = (np.concatenate(at) / CELL_S + 1e-6).astype(np.int64)
    return np.bincount(cell, np.concatenate(known)).astype(np.float64)
