"""Identification of visitors from the tracklets of all cameras, on which every figure is based."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analytics.columns import TRACK_COLUMNS, Column, empty_table, require_columns
from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.track import TrackState
from analytics.domain.zone import CountingLine, Zone
from analytics.metrics.coverage import CameraView
from analytics.metrics.observation import find_unobserved, unite_spans
from analytics.metrics.row_order import order_by_number
from analytics.visitors.cameras.overlap_fusion import align_cameras, fuse_overlaps
from analytics.visitors.cameras.overlap_grouping import OverlapGroups
from analytics.visitors.cameras.uncorroborated_tracks import UncorroboratedTracks, find_uncorroborated_rows
from analytics.visitors.company import Company
from analytics.visitors.doors import Doors, cut_at_doors, find_doors
from analytics.visitors.false_positives.false_persons import FalsePlace
from analytics.visitors.false_positives.short_false_tracks import ShortFalseTracks, exclude_short_false_tracks
from analytics.visitors.gap_stitching import Links, stitch_gaps
from analytics.visitors.switches.swap_splitting import cut_handovers
from analytics.visitors.switches.takeover_splitting import cut_takeovers
from analytics.visitors.switches.turnover_map import TurnoverPrior, outline_of
from analytics.visitors.tracklet_ends import EndStates, estimate_first_states, estimate_last_states
from analytics.visitors.tracklet_rows import TrackletRows, read_tracklet_rows
from analytics.visitors.visitor_settings import PATHS, SCALES, STITCH, VisitorSettings


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    """A path of visitors: columns of equal length, ordered by visitor and time.

    Attributes:
        source: row of ``TrackletRows``; for a filled-in row the one before the gap.
        is_filled: whether the row lies in a gap.
    """

    source: IntArray
    visitor: IntArray
    time_s: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    sigma_m: FloatArray
    is_filled: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class _Fused:
    """Position of every row of ``TrackletRows``, and whether it is kept; filled visitor by visitor."""

    x_m: FloatArray
    y_m: FloatArray
    sigma_m: FloatArray
    is_kept: BoolArray


def make_visitor_tracks(*, tracks: pd.DataFrame, rows: TrackletRows, visitor: IntArray) -> pd.DataFrame:
    """Return the columns of ``TRACK_COLUMNS``, ordered by time and visitor, one row per visitor and moment.

    Args:
        tracks: the table that ``rows`` was read from.
        visitor: number of every piece's visitor.
    """
    if not len(rows.source):
        return empty_table(TRACK_COLUMNS)
    path = _fuse(rows, visitor)
    path = _fill_gaps(path)
    path = _smooth(path)
    order = np.argsort(path.time_s, kind="stable")
    source = rows.source[path.source[order]]
    is_filled = path.is_filled[order]
    height_m = rows.height_m[path.source[order]]
    state = tracks["state"].astype("str").array.take(source)
    state[is_filled] = TrackState.INTERPOLATED.value
    return pd.DataFrame(
        {
            "time_s": path.time_s[order],
            "camera": tracks["camera"].take(source).array,
            "tracklet": tracks["tracklet"].to_numpy(np.int64)[source],
            "visitor": pd.array(path.visitor[order], dtype="Int64"),
            "x_m": path.x_m[order].astype(np.float32),
            "y_m": path.y_m[order].astype(np.float32),
            "sigma_m": path.sigma_m[order].astype(np.float32),
            "height_m": np.where(is_filled, np.nan, height_m).astype(np.float32),
            "state": state,
        }
    )


def _fuse(rows: TrackletRows, visitor: IntArray) -> _Path:
    """Return all rows by visitor and time; where tracklets of a visitor overlap, those of the surest one.

    The surest has the smallest mean position error. Its positions become the mean of all overlapping
    tracklets, weighted by precision and interpolated to its moments, so that cameras need not be synchronous.
    """
    fused = _Fused(rows.x_m.copy(), rows.y_m.copy(), rows.sigma_m.copy(), np.ones(len(rows.source), bool))
    begin_s, end_s = rows.time_s[rows.starts], rows.time_s[rows.ends - 1]
    by_visitor = np.lexsort((begin_s, visitor))
    groups = np.split(by_visitor, np.flatnonzero(np.diff(visitor[by_visitor])) + 1)
    for pieces in groups:
        if len(pieces) > 1 and (begin_s[pieces][1:] <= np.maximum.accumulate(end_s[pieces])[:-1]).any():
            _fuse_visitor(rows, pieces, fused)
    owner, order = np.repeat(visitor, rows.ends - rows.starts), np.arange(len(rows.source))
    if not fused.is_kept.all():
        order = np.flatnonzero(fused.is_kept)
        owner = owner[order]
    # the rows of a piece are in time order, and mostly so are the pieces of a visitor
    order = order[order_by_number(owner, count=int(visitor.max()) + 1)]
    time_s, owner = rows.time_s[order], np.sort(owner)
    if ((owner[1:] == owner[:-1]) & (time_s[1:] < time_s[:-1])).any():
        order = order[np.lexsort((time_s, owner))]
        time_s = rows.time_s[order]
    return _Path(
        source=order,
        visitor=owner,
        time_s=time_s,
        x_m=fused.x_m[order],
        y_m=fused.y_m[order],
        sigma_m=fused.sigma_m[order],
        is_filled=np.zeros(len(order), bool),
    )


def _fuse_visitor(rows: TrackletRows, pieces: IntArray, fused: _Fused) -> None:
    """Fuse the rows of one visitor whose ``pieces``, ordered by beginning, overlap."""
    begin_s, end_s = rows.time_s[rows.starts[pieces]], rows.time_s[rows.ends[pieces] - 1]
    sigma_m = np.array([float(rows.sigma_m[rows.starts[p] : rows.ends[p]].mean()) for p in pieces.tolist()])
    for place, piece in enumerate(pieces.tolist()):
        own = slice(rows.starts[piece], rows.ends[piece])
        overlaps = (begin_s <= end_s[place]) & (end_s >= begin_s[place])
        overlaps[place] = False
        others = np.flatnonzero(overlaps)
        if not len(others):
            continue
        time_s = rows.time_s[own]
        precision = 1 / rows.sigma_m[own] ** 2
        total, sum_x, sum_y = precision.copy(), precision * rows.x_m[own], precision * rows.y_m[own]
        for other in others.tolist():
            theirs = slice(rows.starts[pieces[other]], rows.ends[pieces[other]])
            both = slice(*np.searchsorted(time_s, (begin_s[other], end_s[other] + 1e-9)))
            at_s, their_s = time_s[both], rows.time_s[theirs]
            weight = 1 / np.interp(at_s, their_s, rows.sigma_m[theirs]) ** 2
            total[both] += weight
            sum_x[both] += weight * np.interp(at_s, their_s, rows.x_m[theirs])
            sum_y[both] += weight * np.interp(at_s, their_s, rows.y_m[theirs])
            if (sigma_m[other], other) < (sigma_m[place], place):
                fused.is_kept[own][both] = False
        fused.x_m[own], fused.y_m[own] = sum_x / total, sum_y / total
        fused.sigma_m[own] = np.sqrt(1 / total)


def _fill_gaps(path: _Path) -> _Path:
    """Return the path with rows on a straight line where a visitor was briefly unseen between tracklets."""
    interval_s = _usual_interval(path)
    if interval_s <= 0:
        return path
    gap_s = np.diff(path.time_s)
    is_gap = (gap_s > 1.6 * interval_s) & (gap_s <= SCALES.hidden_s)
    before = np.flatnonzero((path.visitor[1:] == path.visitor[:-1]) & is_gap)
    count = np.maximum(np.round(gap_s[before] / interval_s).astype(np.int64) - 1, 1)
    filled = _draw_lines(path, before=before, count=count)
    at = np.repeat(before + 1, count)
    return _Path(*(np.insert(getattr(path, name), at, getattr(filled, name)) for name in _Path.__slots__))


def _draw_lines(path: _Path, *, before: IntArray, count: IntArray) -> _Path:
    """Return ``count`` rows on the straight line from each row ``before`` a gap to the next one."""
    gap_s = path.time_s[before + 1] - path.time_s[before]
    base = np.repeat(before, count)
    step = np.arange(len(base)) - np.repeat(np.cumsum(count) - count, count) + 1
    share, gap_s = step / np.repeat(count + 1, count), np.repeat(gap_s, count)
    spread_m2 = PATHS.unseen_m2_per_s * share * (1 - share) * gap_s
    return _Path(
        source=path.source[base],
        visitor=path.visitor[base],
        time_s=path.time_s[base] + share * gap_s,
        x_m=path.x_m[base] + share * (path.x_m[base + 1] - path.x_m[base]),
        y_m=path.y_m[base] + share * (path.y_m[base + 1] - path.y_m[base]),
        sigma_m=np.sqrt(np.maximum(path.sigma_m[base], path.sigma_m[base + 1]) ** 2 + spread_m2),
        is_filled=np.ones(len(base), bool),
    )


def _usual_interval(path: _Path) -> float:
    interval_s = np.diff(path.time_s)[path.visitor[1:] == path.visitor[:-1]]
    return float(np.median(interval_s)) if len(interval_s) else 0.0


def _smooth(path: _Path) -> _Path:
    """Return the path smoothed by the precision-weighted mean within a window around each row.

    Towards the ends of a stretch the window shrinks on both sides, so that a walker is not pulled back.
    """
    half_s = PATHS.smoothing_s / 2
    if half_s <= 0 or not len(path.time_s):
        return path
    is_new = (path.visitor[1:] != path.visitor[:-1]) | (np.diff(path.time_s) > SCALES.hidden_s)
    starts = np.append(0, np.flatnonzero(is_new) + 1)
    ends = np.append(starts[1:], len(path.time_s))
    time_s = path.time_s - path.time_s.min()
    since_s = time_s - np.repeat(time_s[starts], ends - starts)
    until_s = np.repeat(time_s[ends - 1], ends - starts) - time_s
    reach_s = np.minimum(np.minimum(since_s, until_s), half_s) + 1e-6
    # on one clock with a distance between stretches
    key = np.repeat(np.arange(len(starts)) * (float(time_s.max()) + 10.0), ends - starts) + time_s
    low, high = np.searchsorted(key, key - reach_s), np.searchsorted(key, key + reach_s, side="right")
    weight = 1 / path.sigma_m**2
    total, sum_x, sum_y = (
        _sum_windows(values, low, high) for values in (weight, weight * path.x_m, weight * path.y_m)
    )
    return _Path(
        path.source, path.visitor, path.time_s, sum_x / total, sum_y / total, path.sigma_m, path.is_filled
    )


def _sum_windows(values: FloatArray, low: IntArray, high: IntArray) -> FloatArray:
    """Return the sums of the values from each ``low`` to before ``high``."""
    sums = np.append(0.0, np.cumsum(values))
    return np.asarray(sums[high] - sums[low], np.float64)


SLACK_S = 0.5
"""Maximum time between the end of a track and the end of its camera's frames."""


def make_outage_check(
    *, spans: pd.DataFrame | None, camera_names: tuple[str, ...], max_outage_s: float
) -> Callable[[EndStates, EndStates], BoolArray]:
    """Return a function that finds pairs (last, first) of states whose cameras were off in between.

    Cameras were off if neither of the two was analysed for more than ``max_outage_s`` within the gap. Without
    ``spans`` they never were.
    """

    def is_outage_between(last: EndStates, first: EndStates) -> BoolArray:
        found = np.zeros(len(last), bool)
        if spans is None or not len(spans):
            return found
        low, high = np.minimum(last.camera, first.camera), np.maximum(last.camera, first.camera)
        for a in np.unique(low).tolist():
            for b in np.unique(high[low == a]).tolist():
                pairs = (low == a) & (high == b)
                unobserved = find_unobserved(unite_spans(spans, cameras={camera_names[a], camera_names[b]}))
                off = unobserved[np.diff(unobserved, axis=1)[:, 0] > max_outage_s]
                over = np.searchsorted(off[:, 1], first.time_s[pairs] + SLACK_S, side="right")
                begun = np.searchsorted(off[:, 0], last.time_s[pairs] - SLACK_S, side="left")
                found[pairs] = over > begun
        return found

    return is_outage_between


LINK_COLUMNS = (
    Column("from_tracklet", "int64", ""),
    Column("to_tracklet", "int64", ""),
    Column("kind", "str", "overlap or stitch"),
    Column("gap_s", "float64", "s"),
    Column("confidence", "float64", "0 to 1"),
)
"""Columns of links between tracklets of one visitor: seen by two cameras at once, or consecutive."""


@dataclass(frozen=True, slots=True, eq=False)
class IdentifiedVisitors:
    """The result of identification.

    Attributes:
        tracks: columns of ``TRACK_COLUMNS``, ordered by time and visitor, ``visitor`` known in every row;
            one row per visitor and moment.
        links: columns of ``LINK_COLUMNS``, including tracklets that are left out.
        apparitions: short false tracks, which are left out with their visitor numbers.
        lone_sights: uncorroborated tracks, which are left out.
        doors: where people come and go amid the view.
        parameters: the settings for ``summary.json``.
    """

    tracks: pd.DataFrame
    links: pd.DataFrame
    apparitions: ShortFalseTracks
    lone_sights: UncorroboratedTracks
    doors: Doors
    parameters: dict[str, object]


def identify_visitors(
    *,
    tracks: pd.DataFrame,
    spans: pd.DataFrame | None = None,
    views: Sequence[CameraView] = (),
    zones: Sequence[Zone] = (),
    lines: Sequence[CountingLine] = (),
    not_doors: Sequence[Point] = (),
    kept_places: Sequence[FalsePlace] = (),
) -> IdentifiedVisitors:
    """Join the tracklets of each person, across cameras and gaps.

    Args:
        tracks: columns of ``TRACK_COLUMNS`` in any order of rows; ``visitor`` is ignored.
        spans: spans in which cameras were analysed, columns of ``SPAN_COLUMNS``; None: all the time.
        views: the cameras' fields of view; people come and go at their edges.
        zones, lines: people come and go in entrance and exit zones, and at lines of these kinds.
        not_doors: places at which people appear and disappear, though there is no door.
        kept_places: places where everyone is kept, however briefly seen, by a decision made or pending.

    Raises:
        ExpoFlowError: a column is missing.
    """
    require_columns(tracks, TRACK_COLUMNS)
    rows = read_tracklet_rows(tracks)
    rows = cut_handovers(rows, views=views)
    rows = cut_takeovers(rows)
    outline = _outline(rows)
    doors = find_doors(rows, views=views, outline=outline, zones=zones, lines=lines, not_doors=not_doors)
    rows = cut_at_doors(rows, doors)
    groups = fuse_overlaps(rows, views=views)
    rows = _align(rows, groups)
    _, group = np.unique(groups.label, return_inverse=True)
    first_piece, last_piece = _find_group_ends(rows, group)
    turnover = TurnoverPrior(views=views, doors=doors.floor, outline=outline)
    links = stitch_gaps(
        first=estimate_first_states(rows).take(first_piece),
        last=estimate_last_states(rows).take(last_piece),
        company=Company.of(rows, group=group, first_piece=first_piece, last_piece=last_piece),
        turnover=turnover,
        is_outage_between=make_outage_check(
            spans=spans, camera_names=rows.camera_names, max_outage_s=STITCH.max_outage_s
        ),
    )
    links = Links(last_piece[links.end], first_piece[links.beginning], links.gap_s, links.confidence)
    described = _describe_links(rows, groups, links)
    pieces, visitor = rows, _number_visitors(rows, groups, links)
    is_lone, lone_sights = find_uncorroborated_rows(pieces, visitor, views=views, kept_places=kept_places)
    trimmed = np.unique(visitor[pieces.find_pieces(np.flatnonzero(is_lone))])
    if lone_sights.count:
        pieces, kept_pieces = pieces.leave_out(is_lone)
        visitor = visitor[kept_pieces]
    paths = make_visitor_tracks(tracks=tracks, rows=pieces, visitor=visitor)
    kept, apparitions = exclude_short_false_tracks(
        tracks=paths,
        spans=spans,
        turnovers=_find_turnovers(rows, views=views, doors=doors),
        kept_places=kept_places,
        kept_visitors=trimmed,
    )
    return IdentifiedVisitors(
        tracks=kept,
        links=described,
        apparitions=apparitions,
        lone_sights=lone_sights,
        doors=doors,
        parameters={
            **asdict(VisitorSettings()),
            "camera_disagreement_m": _describe_disagreement(rows, groups),
        },
    )


def _align(rows: TrackletRows, groups: OverlapGroups) -> TrackletRows:
    """Return the rows with positions corrected so that cameras agree."""
    shift_m = align_cameras(disagreement_m=groups.disagreement_m, cameras=len(rows.camera_names))
    if not shift_m.any():
        return rows
    shift_m = shift_m[np.repeat(rows.camera, rows.ends - rows.starts)]
    return replace(rows, x_m=rows.x_m + shift_m[:, 0], y_m=rows.y_m + shift_m[:, 1])


def _find_turnovers(
    rows: TrackletRows, *, views: Sequence[CameraView], doors: Doors
) -> Callable[[str], TurnoverPrior | None]:
    """Return the turnover prior as seen by one camera; None for an unknown view."""
    by_name = {str(view.camera): view for view in views}
    outline = _outline(rows)

    @functools.cache
    def find_turnover(camera: str) -> TurnoverPrior | None:
        view = by_name.get(camera)
        if view is None:
            return None
        return TurnoverPrior(views=[view], doors=doors.floor, outline=outline)

    return find_turnover


def _outline(rows: TrackletRows) -> Polygon:
    if not len(rows):
        return outline_of(np.zeros((1, 2)))
    return outline_of(np.column_stack([rows.x_m, rows.y_m]), margin_m=2.0)


def _find_group_ends(rows: TrackletRows, group: IntArray) -> tuple[IntArray, IntArray]:
    """Return the piece that begins first and the piece that ends last, of every group."""
    begin_s, end_s = rows.time_s[rows.starts], rows.time_s[rows.ends - 1]
    by_begin = np.lexsort((rows.number, begin_s, group))
    by_end = np.lexsort((rows.number, -end_s, group))
    heads = np.flatnonzero(np.append(True, np.diff(group[by_begin]) != 0)) if len(rows) else by_begin
    return by_begin[heads], by_end[heads]


def _number_visitors(rows: TrackletRows, groups: OverlapGroups, links: Links) -> IntArray:
    """Return the visitor of every piece: 1, 2, … in order of arrival."""
    one, other = np.append(links.end, groups.a), np.append(links.beginning, groups.b)
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(len(rows), len(rows)))
    _, label = connected_components(graph, directed=False)
    by_time = np.lexsort((rows.number, rows.time_s[rows.starts]))
    _, first_place = np.unique(label[by_time], return_index=True)
    rank = np.empty(len(first_place), np.int64)
    rank[np.argsort(first_place)] = np.arange(1, len(first_place) + 1)
    return np.asarray(rank[label], np.int64)


def _describe_links(rows: TrackletRows, groups: OverlapGroups, links: Links) -> pd.DataFrame:
    one, other = np.append(groups.a, links.end), np.append(groups.b, links.beginning)
    kind = ["overlap"] * len(groups.a) + ["stitch"] * len(links.end)
    # parts of a tracklet that was cut and rejoined are no link between tracklets
    is_link = rows.number[one] != rows.number[other]
    one, other = one[is_link], other[is_link]
    table = pd.DataFrame(
        {
            "from_tracklet": rows.number[one],
            "to_tracklet": rows.number[other],
            "kind": pd.Series(kind, dtype="str")[is_link].to_numpy(),
            "gap_s": rows.time_s[rows.starts[other]] - rows.time_s[rows.ends[one] - 1],
            "confidence": np.append(groups.confidence, links.confidence)[is_link],
        }
    )
    return table.sort_values(["from_tracklet", "to_tracklet"], kind="stable", ignore_index=True)


def _describe_disagreement(rows: TrackletRows, groups: OverlapGroups) -> dict[str, list[float]]:
    return {
        f"{rows.camera_names[one]}, {rows.camera_names[other]}": [round(value, 3) for value in shift]
        for (one, other), shift in groups.disagreement_m.items()
    }
