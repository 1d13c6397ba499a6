"""Figures of every zone for a stretch of time, with the data for combining several stretches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.dwell.dwell import count_visits
from analytics.dwell.dwell_distribution import DwellDistribution, estimate_dwell_distribution
from analytics.dwell.visit_probability import choose_visits
from analytics.dwell.visits import StayEdge
from analytics.dwell.zone_summary import (
    ExpertFigures,
    ZoneSummary,
    count_zone_errors,
    join_stays,
    summarise_zone,
)
from analytics.metrics.track_breaks import measure_mean_gap
from analytics.metrics.unseen_share import measure_unseen_shares
from analytics.rollups.stretch import Stretch

SUMMARY_COLUMN_NAMES = (
    "visits",
    "visits_low",
    "visits_high",
    "mean_dwell_s",
    "mean_dwell_low_s",
    "mean_dwell_high_s",
    "mean_dwell_sampling_low_s",
    "mean_dwell_sampling_high_s",
    "median_dwell_s",
    "p90_dwell_s",
    "person_seconds",
    "mean_dwell_littles_law_s",
    "mean_dwell_visits_s",
    "estimates_disagree",
    "tracking_loss_per_s",
    "coverage",
    "mean_gap_s",
    "tracked_share",
    "unseen_share",
)
"""Fields of ``ZoneSummary`` and of its ``experts``, intervals in two columns; NaN for None."""
ZONE_DAY_COLUMN_NAMES = (
    "zone",
    "start_s",
    "duration_s",
    *SUMMARY_COLUMN_NAMES,
    "lost_edges",
    "unsure_visits",
    "uncut_visits",
    "loss_seconds",
    "part_cells_s",
    "part_shares",
    "part_known_to_s",
    "whole_cells_s",
    "whole_shares",
    "whole_known_to_s",
)
"""Columns of the table. ``start_s``, ``duration_s``: of the stretch. ``lost_edges``, ``unsure_visits``: of
``CountErrors``. ``uncut_visits``: half the sum of entries and exits of Little's law. ``loss_seconds``:
seconds of presence behind ``tracking_loss_per_s``. ``part_``: the distribution of the parts of visits within
the stretch, ``whole_``: of whole visits, as tuples of cells (lower ends, seconds) and their shares (see
``DwellDistribution``); empty without a distribution."""
_MIN_SHARE = 1e-9
"""Minimum share of a stored cell: less than one of a million visits."""


def tabulate_zone_days(stretch: Stretch) -> pd.DataFrame:
    """Return one row per zone, columns of ``ZONE_DAY_COLUMN_NAMES``."""
    mean_gap_s = measure_mean_gap(tracks=stretch.tracks, longest_gap_s=stretch.settings.visits.longest_gap_s)
    unseen = measure_unseen_shares(tracks=stretch.tracks, zones=stretch.geometry.zones)
    rows = [
        _tabulate_zone(stretch, zone, mean_gap_s, unseen[str(zone.name)]) for zone in stretch.geometry.zones
    ]
    table = pd.DataFrame(rows, columns=list(ZONE_DAY_COLUMN_NAMES))
    kinds = {"zone": "str", "estimates_disagree": "bool"}
    tuples = {"part_cells_s", "part_shares", "whole_cells_s", "whole_shares"}
    return table.astype(
        {name: kinds.get(name, "object" if name in tuples else "float64") for name in ZONE_DAY_COLUMN_NAMES}
    )


def read_summary(row: Mapping[str, Any]) -> ZoneSummary:
    """Return a row of the table as the summary of ``summarise_zone``."""
    return ZoneSummary(
        visits=_count(row["visits"]),
        visits_interval=None
        if np.isnan(row["visits_low"])
        else [round(row["visits_low"]), round(row["visits_high"])],
        mean_dwell_s=_number(row["mean_dwell_s"]),
        mean_dwell_interval_s=_limits(row["mean_dwell_low_s"], row["mean_dwell_high_s"]),
        median_dwell_s=_number(row["median_dwell_s"]),
        p90_dwell_s=_number(row["p90_dwell_s"]),
        person_seconds=_number(row["person_seconds"]),
        estimates_disagree=bool(row["estimates_disagree"]),
        coverage=float(row["coverage"]),
        experts=ExpertFigures(
            mean_dwell_sampling_interval_s=_limits(
                row["mean_dwell_sampling_low_s"], row["mean_dwell_sampling_high_s"]
            ),
            mean_dwell_littles_law_s=_number(row["mean_dwell_littles_law_s"]),
            mean_dwell_visits_s=_number(row["mean_dwell_visits_s"]),
            tracking_loss_per_s=_number(row["tracking_loss_per_s"]),
            mean_gap_s=_number(row["mean_gap_s"]),
            tracked_share=_number(row["tracked_share"]),
            unseen_share=_number(row["unseen_share"]),
        ),
    )


def _tabulate_zone(
    stretch: Stretch, zone: Any, mean_gap_s: float, unseen_share: float | None
) -> dict[str, object]:
    name, settings = str(zone.name), stretch.settings.dwell
    of_visitors = stretch.stays[stretch.stays["zone"] == name]
    of_tracklets = stretch.tracklet_stays[stretch.tracklet_stays["zone"] == name]
    summary = summarise_zone(
        zone=zone,
        tracklet_stays=of_tracklets,
        visitor_stays=of_visitors,
        mean_gap_s=mean_gap_s,
        unseen_share=unseen_share,
        views=stretch.views,
        spans=stretch.spans,
        period_s=stretch.period_s,
        settings=settings,
    )
    row: dict[str, object] = {
        "zone": name,
        "start_s": 0.0,
        "duration_s": stretch.duration_s,
        **_flatten(summary),
    }
    is_observed = summary["coverage"] > 0
    stays = join_stays(zone=zone, stays=of_visitors, settings=settings)
    pieces = join_stays(zone=zone, stays=of_tracklets, settings=settings)
    uncut = choose_visits(pieces, zone.minimum_stay_s)
    if is_observed:
        # not rounded, so that days and zones add up to what their visits add up to
        row["visits"] = count_visits(stays, zone.minimum_stay_s)
    errors = count_zone_errors(
        zone=zone, stays=of_visitors, joined=stays, unseen_share=unseen_share, settings=settings
    )
    row["lost_edges"], row["unsure_visits"] = errors.lost_edges, errors.unsure_visits
    row["uncut_visits"] = (
        sum(
            float(uncut.loc[uncut[edge] != StayEdge.PERIOD.value, "probability"].sum())
            for edge in ("start_edge", "end_edge")
        )
        / 2
    )
    row["loss_seconds"] = float((pieces if zone.is_door else of_tracklets)["seconds"].sum())
    for prefix, is_period_cut in (("part", False), ("whole", True)):
        found = (
            estimate_dwell_distribution(
                stays=stays,
                minimum_stay_s=zone.minimum_stay_s,
                is_period_cut=is_period_cut,
                ended_share=settings.ended_share,
            )
            if is_observed
            else None
        )
        row[f"{prefix}_cells_s"], row[f"{prefix}_shares"] = pack_distribution(found)
        row[f"{prefix}_known_to_s"] = np.nan if found is None else found.known_to_s
    return row


def pack_distribution(found: DwellDistribution | None) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return a distribution's non-empty cells (lower ends, seconds) and their shares; empty for None."""
    if found is None:
        return (), ()
    cells = np.flatnonzero(found.probability > _MIN_SHARE)
    return tuple(cells.astype(float).tolist()), tuple(found.probability[cells].tolist())


def _flatten(summary: ZoneSummary) -> dict[str, object]:
    flat: dict[str, object] = {}
    figures: dict[str, Any] = {**summary, **summary["experts"]}
    for name, prefix, unit in (
        ("visits_interval", "visits", ""),
        ("mean_dwell_interval_s", "mean_dwell", "_s"),
        ("mean_dwell_sampling_interval_s", "mean_dwell_sampling", "_s"),
    ):
        limits = figures[name]
        flat[f"{prefix}_low{unit}"], flat[f"{prefix}_high{unit}"] = limits or (np.nan, np.nan)
    values: dict[str, Any] = {name: value for name, value in figures.items() if name in SUMMARY_COLUMN_NAMES}
    return {**flat, **{name: np.nan if value is None else value for name, value in values.items()}}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _count(value: float) -> int | None:
    return None if np.isnan(value) else round(value)


def _limits(low: float, high: float) -> list[float] | None:
    return None if np.isnan(low) else [float(low), float(high)]
