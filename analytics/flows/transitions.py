"""Transitions of visitors from zone to zone, corrected for tracks that are lost on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from analytics.domain.arrays import BoolArray
from analytics.domain.zone import Zone
from analytics.dwell.visits import StayEdge, VisitSettings, find_view_crossings, select_visits
from analytics.flows.places import OUTSIDE
from analytics.metrics.block_ratio import (
    BlockSettings,
    bound_extreme_share,
    find_t_quantile,
    is_extreme_share,
)
from analytics.metrics.coverage import ViewEdge
from analytics.metrics.observation import find_unobserved, unite_spans
from analytics.metrics.presence import OrderedRows, PresenceRows, order_rows

MOVE_COLUMN_NAMES = ("visitor", "from", "to", "at_s", "seconds", "weight")
"""A move began at ``at_s`` and took ``seconds``; ``weight`` is the number of moves that it stands for."""

MOVE_SUM_COLUMN_NAMES = ("from", "to", "moves", "weight", "weight_squares", "weight_products")
"""Sums of moves from a state to another, and with ``to`` as ``ANYWHERE`` to any other.

Their number and weights, and over blocks the sums of the squares of weights and of their products with the
weights of all moves from there.
"""
ANYWHERE = ""

TRANSITION_COLUMN_NAMES = ("from", "to", "moves", "weighted_moves", "share", "share_low", "share_high")


@dataclass(frozen=True, slots=True)
class TransitionSettings:
    """Parameters of the transitions, printed with every report.

    Attributes:
        min_moves: states with fewer moves out of them are left out, so that nobody can be recognised.
        largest_weight: maximum weight of a move; beyond it hardly any track would have lasted.
        block_s, confidence: of the interval of a share, a ratio over blocks.
    """

    min_moves: int = 5
    largest_weight: float = 20.0
    block_s: float = 300.0
    confidence: float = 0.95
    visits: VisitSettings = field(default_factory=VisitSettings)


def estimate_transitions(
    *,
    tracks: pd.DataFrame,
    stays: pd.DataFrame,
    zones: Sequence[Zone],
    spans: pd.DataFrame | None,
    period_s: tuple[float, float],
    view_edge: ViewEdge | None = None,
    settings: TransitionSettings | None = None,
    ordered: OrderedRows | None = None,
) -> pd.DataFrame:
    """Estimate the shares of the moves out of every zone, and out of ``outside``, by destination.

    Long moves are often lost with their track, so that short ones would seem more frequent. A move that took
    t seconds is therefore weighted with e^(h t), the inverse of the probability that a track lasts so long
    (inverse probability of censoring weights, Robins and Finkelstein 2000, Biometrics 56, 779); h is
    measured: tracks lost between zones per second walked there. A track that is lost after leaving a zone
    does not count as a move. Coming from and going to ``outside`` is walking across the edge of the view, or
    beginning and ending in an entrance or exit zone; without a known view, any beginning and end is. A small
    preference for near zones remains.

    Args:
        tracks: columns of ``TRACK_COLUMNS``, stitched.
        stays: columns of ``STAY_COLUMN_NAMES`` of the same visitors, for all zones.
        spans: spans in which cameras were analysed; None: all the time.
        view_edge: of the floor on which the tracks are.
        ordered: the tracks by visitor, if already ordered.

    Returns:
        The columns of ``TRANSITION_COLUMN_NAMES``, ordered by the zones as given, ``outside`` last; the
        limits are NaN if there is only one block.
    """
    settings = settings or TransitionSettings()
    ordered = order_rows(tracks) if ordered is None else ordered
    moves = list_moves(
        ordered=ordered, stays=stays, zones=zones, spans=spans, view_edge=view_edge, settings=settings
    )
    start_s, end_s = period_s
    blocks = max(1, round((end_s - start_s) / settings.block_s))
    edges_s = np.linspace(start_s, end_s, blocks + 1)
    block = np.clip(np.searchsorted(edges_s, moves["at_s"], side="right") - 1, 0, blocks - 1)
    return estimate_transition_shares(sum_moves(moves, block), zones=zones, blocks=blocks, settings=settings)


def list_moves(
    *,
    ordered: OrderedRows,
    stays: pd.DataFrame,
    zones: Sequence[Zone],
    spans: pd.DataFrame | None,
    view_edge: ViewEdge | None,
    settings: TransitionSettings,
) -> pd.DataFrame:
    """Return every move from one state to another, columns of ``MOVE_COLUMN_NAMES``."""
    people = describe_presence(ordered, zones, spans, view_edge, settings.visits)
    visits = select_visits(stays=stays, zones=zones).sort_values(["visitor", "entered_s"], kind="stable")
    visits = visits[visits["visitor"].isin(people.index)]
    loss_per_s = _measure_loss(people, stays) if view_edge is not None else 0.0
    moves = _list_moves(visits, people)
    moves["weight"] = np.minimum(np.exp(loss_per_s * moves["seconds"]), settings.largest_weight)
    return moves


def sum_moves(moves: pd.DataFrame, block: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Sum moves such that the shares and their intervals can be computed without single moves.

    The error of a ratio R over blocks needs only the sums of c_b^2, c_b t_b and t_b^2, with the weighted
    moves c_b from a state to another and t_b from it in block b: sum (c_b - R t_b)^2 = sum c_b^2 - 2 R sum
    c_b t_b + R^2 sum t_b^2. Tables of different blocks are therefore added up by ``from`` and ``to``.

    Args:
        moves: columns of ``MOVE_COLUMN_NAMES``.
        block: block of each move, shape (moves,).

    Returns:
        Columns of ``MOVE_SUM_COLUMN_NAMES``.
    """
    cells = pd.DataFrame(
        {
            "from": moves["from"].to_numpy(object),
            "to": moves["to"].to_numpy(object),
            "block": block,
            "weight": moves["weight"].to_numpy(np.float64),
        }
    )
    of_pairs = cells.groupby(["from", "to", "block"], as_index=False, sort=True)["weight"].agg(
        ["size", "sum"]
    )
    of_states = cells.groupby(["from", "block"], as_index=False, sort=True)["weight"].agg(["size", "sum"])
    both = pd.concat([of_pairs, of_states.assign(to=ANYWHERE)], ignore_index=True)
    total = both[["from", "block"]].merge(of_states, on=["from", "block"], how="left")["sum"]
    weight, total_weight = both["sum"].to_numpy(np.float64), total.to_numpy(np.float64)
    table = pd.DataFrame(
        {
            "from": both["from"],
            "to": both["to"],
            "moves": both["size"].to_numpy(np.int64),
            "weight": weight,
            "weight_squares": weight**2,
            "weight_products": weight * total_weight,
        }
    )
    return _add_up(table)


def estimate_transition_shares(
    sums: pd.DataFrame, *, zones: Sequence[Zone], blocks: int, settings: TransitionSettings
) -> pd.DataFrame:
    """Estimate the transitions from sums of moves; see ``estimate_transitions``.

    Args:
        sums: columns of ``MOVE_SUM_COLUMN_NAMES``, of one stretch of time or of many concatenated.
        blocks: number of blocks in the period, including those without a move.
    """
    states = [*(str(zone.name) for zone in zones), OUTSIDE]
    added = _add_up(sums)
    totals = added[added["to"] == ANYWHERE].set_index("from")
    totals = totals[totals["moves"] >= settings.min_moves]
    pairs = added[added["from"].isin(totals.index) & added["from"].isin(states) & added["to"].isin(states)]
    of_all = totals.reindex(pairs["from"])
    total, squares = (of_all[name].to_numpy(np.float64) for name in ("weight", "weight_squares"))
    count = pairs["weight"].to_numpy(np.float64)
    share = count / total
    # the sum of the squared residuals
    residual = (
        pairs["weight_squares"].to_numpy(np.float64)
        - 2 * share * pairs["weight_products"].to_numpy(np.float64)
        + share**2 * squares
    )
    reach = np.full(len(share), np.nan)
    if blocks >= 2:
        # error of a ratio over blocks (Cochran 1977, Sampling Techniques, 6.3)
        error = np.sqrt(blocks / (blocks - 1) * np.maximum(0.0, residual)) / total
        reach = find_t_quantile(settings.confidence, blocks - 1) * error
    low, high = np.maximum(0.0, share - reach), np.minimum(1.0, share + reach)
    even = [at for at, one in enumerate(share.tolist()) if is_extreme_share(one)] if blocks >= 2 else []
    for at in even:
        low[at], high[at] = bound_extreme_share(
            float(share[at]),
            effective_blocks=float(total[at] ** 2 / squares[at]),
            settings=BlockSettings(confidence=settings.confidence),
        )
    order = np.lexsort([pd.Categorical(pairs[name], categories=states).codes for name in ("to", "from")])
    table = pd.DataFrame(
        {
            "from": pairs["from"],
            "to": pairs["to"],
            "moves": pairs["moves"],
            "weighted_moves": count,
            "share": share,
            "share_low": low,
            "share_high": high,
        }
    )
    return table.iloc[order].reset_index(drop=True)


def _add_up(sums: pd.DataFrame) -> pd.DataFrame:
    added = sums.groupby(["from", "to"], as_index=False, sort=True)[list(MOVE_SUM_COLUMN_NAMES[2:])].sum()
    return added.astype({"from": "str", "to": "str", "moves": "int64"})


def describe_presence(
    ordered: OrderedRows,
    zones: Sequence[Zone],
    spans: pd.DataFrame | None,
    view_edge: ViewEdge | None,
    settings: VisitSettings,
) -> pd.DataFrame:
    """Return for each visitor the first and last time seen, and whether they came from and went outside."""
    observed = None if spans is None else unite_spans(spans)
    rows = ordered.cut(
        longest_gap_s=np.inf,
        unobserved=None if observed is None else find_unobserved(observed),
        min_outage_s=settings.max_outage_s,
    )
    if not len(rows.time_s):
        return pd.DataFrame({"start_s": [], "end_s": [], "comes": [], "goes": [], "is_lost": []})
    first, last = rows.segment_starts(), rows.segment_ends()
    if observed is None or not len(observed):
        observed = np.array([[rows.time_s.min(), rows.time_s.max()]])
    doors = [zone for zone in zones if zone.is_door]
    flags = []
    for at, way, edges_s in ((first, 1, observed[:, 0]), (last, -1, observed[:, 1])):
        cut = np.abs(rows.time_s[at][:, None] - edges_s[None, :]).min(axis=1) <= settings.period_margin_s
        is_outside = np.ones(len(at), bool)
        if view_edge is not None:
            is_outside = _is_at_door(rows, at, doors) | find_view_crossings(
                rows=rows, at=at, inward=way, settings=settings, view_edge=view_edge
            )
        flags.append((is_outside & ~cut, ~is_outside & ~cut))
    table = pd.DataFrame(
        {
            "visitor": rows.person_ids[rows.person[first]],
            "start_s": rows.time_s[first],
            "end_s": rows.time_s[last],
            "comes": flags[0][0],
            "goes": flags[1][0],
            "is_lost": flags[1][1],
        }
    )
    # an outage between two parts of one visitor hides events in between
    return table.drop_duplicates("visitor", keep=False).set_index("visitor")


def _is_at_door(rows: PresenceRows, at: npt.NDArray[np.int64], doors: Sequence[Zone]) -> BoolArray:
    is_at_door = np.zeros(len(at), bool)
    for door in doors:
        is_at_door |= shapely.contains_xy(door.outline.to_shape(), rows.x_m[at], rows.y_m[at])
    return is_at_door


def _measure_loss(people: pd.DataFrame, stays: pd.DataFrame) -> float:
    """Return the tracks lost outside of zones per second walked there."""
    lost_inside = stays.loc[stays["end_edge"] == StayEdge.LOST.value, "visitor"]
    losses = int((people["is_lost"] & ~people.index.isin(lost_inside)).sum())
    walked_s = float((people["end_s"] - people["start_s"]).sum() - stays["seconds"].sum())
    return losses / walked_s if walked_s > 0 else 0.0


def _list_moves(visits: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    visitor = visits["visitor"].to_numpy(np.int64)
    zone = visits["zone"].to_numpy(object)
    entered_s, left_s = (visits[name].to_numpy(np.float64) for name in ("entered_s", "left_s"))
    same = visitor[1:] == visitor[:-1]
    is_first, is_last = np.append(True, ~same)[: len(visitor)], np.append(~same, True)[: len(visitor)]
    of = people.reindex(visitor)
    comes = is_first & of["comes"].to_numpy(bool)
    goes = is_last & of["goes"].to_numpy(bool)
    start_s, end_s = of["start_s"].to_numpy(np.float64), of["end_s"].to_numpy(np.float64)
    between = np.flatnonzero(same & (zone[1:] != zone[:-1])) if len(visitor) else np.empty(0, np.int64)
    parts = [
        (zone[between], zone[between + 1], left_s[between], entered_s[between + 1]),
        (np.full(comes.sum(), OUTSIDE, object), zone[comes], start_s[comes], entered_s[comes]),
        (zone[goes], np.full(goes.sum(), OUTSIDE, object), left_s[goes], end_s[goes]),
    ]
    begin, end, from_s, to_s = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    seconds = np.maximum(to_s - from_s, 0.0)
    return pd.DataFrame(
        {
            "visitor": np.concatenate([visitor[between], visitor[comes], visitor[goes]]),
            "from": begin,
            "to": end,
            "at_s": from_s,
            "seconds": seconds,
        }
    )
