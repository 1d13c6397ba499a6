"""Queues: who joined, who was served, who gave up, and who never joined."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.dwell.dwell_distribution import CELL_S, estimate_dwell_distribution
from analytics.dwell.occupancy import compute_occupancy
from analytics.dwell.stops import measure_stop_seconds
from analytics.dwell.visits import StayEdge
from analytics.exhibition.exposure import Exposure
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate
from analytics.metrics.observation import clip_intervals


class Outcome(StrEnum):
    """How a stay in a queue ended."""

    SERVED = "served"
    RENEGED = "reneged"
    """Joined and left without being served."""
    UNKNOWN = "unknown"
    """Lost from sight, or still waiting when the observation ended."""


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """Parameters of the queue figures; printed with every report.

    Attributes:
        minimum_s: a shorter stay only crosses the queue's zone.
        served_within_s: who reaches the service this soon after leaving the queue was served, and who left
            before reaching it by a second or two.
        target_s: a wait that is promised; its share is reported.
        disagreement: a larger relative difference between L and lambda W is flagged, unless the intervals of
            L and lambda explain it, as while a queue grows.
    """

    minimum_s: float = 3.0
    served_within_s: float = 5.0
    target_s: float = 300.0
    disagreement: float = 0.10


_WAIT_DTYPES = {
    "visitor": "int64",
    "joined_s": "float64",
    "left_s": "float64",
    "wait_s": "float64",
    "outcome": "str",
    "start_edge": "str",
    "end_edge": "str",
}
WAIT_COLUMN_NAMES = tuple(_WAIT_DTYPES)
"""``wait_s`` is a lower limit where the start edge was not seen, and where the outcome is unknown."""


def list_services(
    *, crossings: pd.DataFrame | None = None, visits: pd.DataFrame | None = None
) -> pd.DataFrame:
    """When who was served: ``visitor``, ``time_s``, by crossings of the service line or entries of its zone.

    Args:
        crossings: columns of ``CROSSING_COLUMNS``, those of the line and direction that mean service.
        visits: stays or visits in the zone where people are served.
    """
    parts = []
    if crossings is not None:
        parts.append(crossings[["visitor", "time_s"]])
    if visits is not None:
        parts.append(visits[["visitor", "entered_s"]].rename(columns={"entered_s": "time_s"}))
    if not parts:
        return pd.DataFrame({"visitor": pd.Series(dtype="int64"), "time_s": pd.Series(dtype="float64")})
    return pd.concat(parts, ignore_index=True).sort_values(["visitor", "time_s"], ignore_index=True)


def find_waits(
    *,
    stays: pd.DataFrame,
    services: pd.DataFrame,
    settings: QueueSettings,
    stops: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The stays in a queue and what came of them, columns of ``WAIT_COLUMN_NAMES``, ordered by joining.

    A wait ends when the queue's zone is left, or when the visitor is served, whichever is first.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES`` of the queue's zone.
        services: of ``list_services``.
        stops: columns of ``STOP_COLUMN_NAMES`` of the same visitors: who was seen to come and go unserved
            without a stop has walked through the queue, and did not join it. None: whoever stays joins.
    """
    chosen = stays[stays["seconds"] >= settings.minimum_s - 1e-6].reset_index(drop=True)
    joined_s, left_s = (chosen[name].to_numpy(np.float64) for name in ("entered_s", "left_s"))
    own = chosen[["visitor", "entered_s", "left_s"]].assign(row=np.arange(len(chosen)))
    pairs = own.merge(services, on="visitor")
    pairs = pairs[
        (pairs["time_s"] > pairs["entered_s"])
        & (pairs["time_s"] <= pairs["left_s"] + settings.served_within_s)
    ]
    served_s = np.full(len(chosen), np.nan)
    first = pairs.groupby("row")["time_s"].min()
    served_s[first.index.to_numpy(np.int64)] = first.to_numpy(np.float64)
    is_served = ~np.isnan(served_s)
    is_end_seen = chosen["end_edge"].isin([StayEdge.SEEN.value, StayEdge.VIEW.value]).to_numpy(bool)
    outcome = np.where(
        is_served,
        Outcome.SERVED.value,
        np.where(is_end_seen, Outcome.RENEGED.value, Outcome.UNKNOWN.value),
    )
    came = chosen["start_edge"].isin([StayEdge.SEEN.value, StayEdge.VIEW.value]).to_numpy(bool)
    did_join = np.ones(len(chosen), bool)
    if stops is not None:
        walked = measure_stop_seconds(visits=chosen, stops=stops) <= 0
        did_join = ~(walked & came & (outcome == Outcome.RENEGED.value))
    until_s = np.where(is_served, np.minimum(served_s, left_s), left_s)
    return (
        pd.DataFrame(
            {
                "visitor": chosen["visitor"],
                "joined_s": joined_s,
                "left_s": until_s,
                "wait_s": until_s - joined_s,
                "outcome": outcome,
                "start_edge": chosen["start_edge"],
                "end_edge": np.where(is_served, StayEdge.SEEN.value, chosen["end_edge"]),
            }
        )
        .astype(_WAIT_DTYPES)
        .loc[did_join]
        .sort_values(["joined_s", "visitor"], kind="stable", ignore_index=True)
    )


def find_balking(*, exposure: Exposure, stops: pd.DataFrame) -> pd.DataFrame:
    """Who approached a queue and left: stopped before it and never joined; ``visitor``, ``time_s``.

    Whoever walks past has not looked at the queue; so only pass-bys with a stop count.

    Args:
        exposure: of the queue's zone and its waits, by ``find_exposed`` with an area before the queue.
        stops: columns of ``STOP_COLUMN_NAMES``, of those within that area (``choose_stops_in``).
    """
    near = exposure.exposed[exposure.is_pass_by & exposure.exposed["visitor"].isin(stops["visitor"])]
    return near[["visitor", "time_s"]].reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """Of one queue over a period; None where the data do not carry a value.

    Attributes:
        length: people in the queue, time-weighted (L).
        peak_length: the largest minute.
        joined, served, reneged, unknown: stays by outcome; the three add up to ``joined``.
        balked: of those who came and did not join; None where nobody looked for them.
        wait_median_s, wait_p90_s: from joining to being served.
        within_target: share of the served within the target, 0 to 1.
        service_per_minute: served per observed minute.
        reneging: share of the decided who gave up.
        balking: share of those who came that did not join.
        arrivals_per_s: lambda, those whose joining was seen over the observed time.
        mean_stay_s: W, mean time in the queue of the served and the reneged, of the waits that are known.
        expected_length: lambda W (Little 1961); with the same people counted twice over, so that a lost
            track or a mean of short waits shows.
        is_little_violated: it differs from the length by more than the settings allow and chance explains.
    """

    length: Estimate
    peak_length: float | None
    joined: int
    served: int
    reneged: int
    unknown: int
    balked: int | None
    wait_median_s: float | None
    wait_p90_s: float | None
    within_target: float | None
    service_per_minute: Estimate
    reneging: Estimate
    balking: Estimate
    arrivals_per_s: float | None
    mean_stay_s: float | None
    expected_length: float | None
    is_little_violated: bool


def summarise_queue(
    *,
    waits: pd.DataFrame,
    observed: FloatArray,
    blocks: PeriodBlocks,
    settings: QueueSettings,
    balking: pd.DataFrame | None = None,
) -> QueueFigures:
    """The figures of one queue.

    The waits' distribution is the maximum likelihood estimate that knows of cut waits, over the served and
    those lost from sight; who gave up is not a short wait. W is the mean of the same kind of estimate over
    all who joined.

    Args:
        waits: of ``find_waits``.
        observed: shape (m, 2), disjoint and ordered, when somebody looked.
        balking: of ``find_balking``.
    """
    period_s = (float(blocks.edges_s[0]), float(blocks.edges_s[-1]))
    intervals = waits[["joined_s", "left_s"]].to_numpy(np.float64)
    within = clip_intervals(observed, start_s=period_s[0], end_s=period_s[1])
    occupancy = compute_occupancy(intervals=intervals, observed=observed, period_s=period_s)
    observed_s = blocks.sum_overlap(within)
    seen = [clip_intervals(intervals, start_s=float(begin), end_s=float(end)) for begin, end in within]
    person_seconds = sum((blocks.sum_overlap(part) for part in seen), np.zeros(len(observed_s)))
    length = blocks.divide(person_seconds, observed_s)
    outcome = waits["outcome"].to_numpy(str)
    served, reneged = outcome == Outcome.SERVED.value, outcome == Outcome.RENEGED.value
    joined_s, left_s = intervals[:, 0], intervals[:, 1]
    ended = served | reneged
    came = waits["start_edge"].isin([StayEdge.SEEN.value, StayEdge.VIEW.value]).to_numpy(bool)
    arrivals = blocks.divide(blocks.count(joined_s[came]), observed_s)
    everybody = estimate_dwell_distribution(
        stays=waits.assign(seconds=waits["wait_s"]), minimum_stay_s=settings.minimum_s
    )
    mean_stay_s = None if everybody is None else everybody.mean_s()
    expected = None if arrivals.value is None or mean_stay_s is None else arrivals.value * mean_stay_s
    distribution = estimate_dwell_distribution(
        stays=waits[~reneged].assign(seconds=waits["wait_s"]), minimum_stay_s=settings.minimum_s
    )
    balked_s = None if balking is None else balking["time_s"].to_numpy(np.float64)
    balks = None if balked_s is None else blocks.count(balked_s)
    joins = blocks.count(joined_s)
    return QueueFigures(
        length=length,
        peak_length=occupancy.peak(),
        joined=len(waits),
        served=int(served.sum()),
        reneged=int(reneged.sum()),
        unknown=int((~ended).sum()),
        balked=None if balked_s is None else len(balked_s),
        wait_median_s=None if distribution is None else distribution.quantile_s(0.5),
        wait_p90_s=None if distribution is None else distribution.quantile_s(0.9),
        within_target=None
        if distribution is None
        else float(distribution.probability[: round(settings.target_s / CELL_S)].sum()),
        service_per_minute=blocks.divide(blocks.count(left_s[served]), observed_s / 60.0),
        reneging=blocks.divide(blocks.count(left_s[reneged]), blocks.count(left_s[ended]), high=1.0),
        balking=Estimate(None, None) if balks is None else blocks.divide(balks, balks + joins, high=1.0),
        arrivals_per_s=arrivals.value,
        mean_stay_s=mean_stay_s,
        expected_length=expected,
        is_little_violated=_is_little_violated(length, arrivals, mean_stay_s, settings.disagreement),
    )


def _is_little_violated(
    length: Estimate, arrivals: Estimate, mean_stay_s: float | None, disagreement: float
) -> bool:
    """Whether L and lambda W differ by more than is allowed, and by more than their intervals reach."""
    if length.value is None or arrivals.value is None or mean_stay_s is None:
        return False
    expected = arrivals.value * mean_stay_s
    difference = abs(expected - length.value)
    reach = float(np.hypot(_find_reach(length), _find_reach(arrivals) * mean_stay_s))
    return difference > disagreement * max(length.value, expected) and difference > reach


def _find_reach(estimate: Estimate) -> float:
    if estimate.value is None or estimate.interval is None:
        return 0.0
    return estimate.interval[1] - estimate.value
