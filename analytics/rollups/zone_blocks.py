"""Sums of every zone in blocks of five minutes, such as visits and tiers, which can be added up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.dwell.engagement_tier import VISIT_TIERS
from analytics.dwell.pooled_zones import choose_pooled_zones
from analytics.metrics.block_ratio import BlockSettings, PeriodBlocks
from analytics.metrics.clock_profile import ZoneBlocks, sum_in_blocks
from analytics.rollups.exposed_visitors import tabulate_exposed
from analytics.rollups.stretch import Stretch
from analytics.rollups.zone_minutes import HALL, tabulate_minutes

BLOCK_S = 300.0
VISIT_SUM_NAMES = ("dwell_s", "entries", "person_seconds", "observed_s")
TIER_NAMES = tuple(tier.value for tier in VISIT_TIERS)
REACHED_NAMES = tuple(f"reached_{name}" for name in TIER_NAMES)
UNDECIDED_NAMES = tuple(f"undecided_{name}" for name in TIER_NAMES)
EXPOSURE_NAMES = ("pass_bys", "exposed", "exposed_stopped")
SUM_NAMES = (*VISIT_SUM_NAMES, *REACHED_NAMES, *UNDECIDED_NAMES, *EXPOSURE_NAMES, "came", "visitors")
ZONE_BLOCK_COLUMN_NAMES = ("zone", "start_s", *SUM_NAMES)
"""Columns of the table. ``zone`` is empty for the hall. ``start_s``: of a block, a multiple of five
minutes of the clock; empty blocks have no row. The first four: see ``ZoneBlocks``. ``reached_``,
``undecided_``: visits of a tier or a higher one, and visits cut before they reached it, by the block of
their entry. ``pass_bys``, ``exposed``: weights of ``Exposure``, by the time first near;
``exposed_stopped``: how many of them stopped there. ``came``: visitors with a visit to the
zone, or in the hall's row to any pooled zone; ``visitors``: all, in the hall's row only; both by the time
first seen."""
_NO_VISITS = pd.DataFrame({name: np.empty(0) for name in ("entered_s", "seconds")})


def tabulate_zone_blocks(stretch: Stretch) -> pd.DataFrame:
    """Return one row per zone and block, columns of ``ZONE_BLOCK_COLUMN_NAMES``."""
    first_s = -(stretch.start_utc_s % BLOCK_S)
    count = max(1, int(np.ceil((stretch.duration_s - first_s) / BLOCK_S)))
    edges_s: FloatArray = first_s + BLOCK_S * np.arange(count + 1, dtype=np.float64)
    blocks = PeriodBlocks(edges_s, np.ones(count, np.bool_), BlockSettings())
    minutes, exposed, zones = tabulate_minutes(stretch), tabulate_exposed(stretch), stretch.geometry.zones
    first_seen_s = pd.Series(
        stretch.journeys["start_s"].to_numpy(np.float64), index=stretch.journeys["visitor"].to_numpy(np.int64)
    )

    def count_first_seen(names: Sequence[str]) -> FloatArray:
        visits = stretch.visits
        came = visits.loc[visits["zone"].isin(names), "visitor"]
        return blocks.count(first_seen_s[first_seen_s.index.isin(came)].to_numpy(np.float64))

    parts = []
    for zone in zones:
        name = str(zone.name)
        visits = stretch.visits[stretch.visits["zone"] == name]
        sums = sum_in_blocks(blocks=blocks, visits=visits, minutes=minutes[minutes["zone"] == name])
        own = {
            **_name_sums(sums),
            **_count_tiers(visits, blocks),
            **_sum_exposed(exposed[exposed["zone"] == name], blocks),
            "came": count_first_seen([name]),
        }
        parts.append(_make_rows(name, edges_s, own))
    hall = sum_in_blocks(blocks=blocks, visits=_NO_VISITS, minutes=minutes[minutes["zone"] == HALL])
    whole = {
        **_name_sums(hall),
        "came": count_first_seen([str(zone.name) for zone in choose_pooled_zones(zones)]),
        "visitors": blocks.count(first_seen_s.to_numpy(np.float64)),
    }
    parts.append(_make_rows(HALL, edges_s, whole))
    return pd.concat(parts, ignore_index=True)


def _name_sums(sums: ZoneBlocks) -> dict[str, FloatArray]:
    return {name: getattr(sums, name) for name in VISIT_SUM_NAMES}


def _count_tiers(visits: pd.DataFrame, blocks: PeriodBlocks) -> dict[str, FloatArray]:
    rank = visits["tier"].map(TIER_NAMES.index).to_numpy(np.int64)
    entered_s = visits["entered_s"].to_numpy(np.float64)
    is_cut = visits["is_lower_limit"].to_numpy(np.int64) == 1
    counts = {}
    for level, (reached, undecided) in enumerate(zip(REACHED_NAMES, UNDECIDED_NAMES, strict=True)):
        counts[reached] = blocks.count(entered_s[rank >= level])
        counts[undecided] = blocks.count(entered_s[is_cut & (rank < level)])
    return counts


def _sum_exposed(exposed: pd.DataFrame, blocks: PeriodBlocks) -> dict[str, FloatArray]:
    at_s, weight = exposed["time_s"].to_numpy(np.float64), exposed["weight"].to_numpy(np.float64)
    is_pass_by, did_stop = (exposed[name].to_numpy(np.bool_) for name in ("is_pass_by", "did_stop"))
    return {
        "pass_bys": blocks.count(at_s[is_pass_by], weight[is_pass_by]),
        "exposed": blocks.count(at_s, weight),
        "exposed_stopped": blocks.count(at_s[did_stop]),
    }


def _make_rows(name: str, edges_s: FloatArray, sums: dict[str, FloatArray]) -> pd.DataFrame:
    table = pd.DataFrame(
        {column: sums.get(column, np.zeros(len(edges_s) - 1)) for column in SUM_NAMES}, dtype=np.float64
    )
    table.insert(0, "start_s", edges_s[:-1])
    table.insert(0, "zone", pd.Series([name] * len(table), dtype="str"))
    return table[(table[list(SUM_NAMES)] != 0).any(axis=1)]


class BlockSums:
    """Block sums of several stretches by zone and block, with split blocks merged."""

    def __init__(self, table: pd.DataFrame) -> None:
        """Add up a table with ``ZONE_BLOCK_COLUMN_NAMES``, all or some, seconds since the epoch."""
        starts = table["start_s"].to_numpy(np.float64)
        self.starts_s: FloatArray = np.unique(starts)
        """Starts of the blocks that have a row, shape (blocks,)."""
        zones = pd.Categorical(table["zone"])
        names, zone = zones.categories, zones.codes.astype(np.int64)
        self._row = {str(name): number for number, name in enumerate(names)}
        block = np.searchsorted(self.starts_s, starts)
        shape = (len(names), len(self.starts_s))
        place = zone * len(self.starts_s) + block
        self._sums = {
            column: np.bincount(place, table[column].to_numpy(np.float64), shape[0] * shape[1]).reshape(shape)
            for column in SUM_NAMES
            if column in table.columns
        }

    def read(self, zone: str, column: str) -> FloatArray:
        """Return one sum of a zone, or of the hall, shape (blocks,)."""
        row, sums = self._row.get(zone), self._sums[column]
        return np.zeros(len(self.starts_s)) if row is None else sums[row]

    def add_up(self, zones: Sequence[str], column: str) -> FloatArray:
        """Return one sum of several zones, shape (blocks,)."""
        rows = [self._row[zone] for zone in zones if zone in self._row]
        return np.asarray(self._sums[column][rows].sum(axis=0), np.float64)

    def read_visits(self, zone: str) -> ZoneBlocks:
        """Return the sums of the visits to a zone."""
        return ZoneBlocks(**{name: self.read(zone, name) for name in VISIT_SUM_NAMES})
