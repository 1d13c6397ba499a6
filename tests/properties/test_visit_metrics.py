"""Visits, crossings and heatmaps against slow programs written from the definitions, and under splitting."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.density.heatmap import compute_heatmap
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.identifiers import LineId
from analytics.domain.zone import CountingLine, ZoneKind
from analytics.dwell.visits import VisitSettings, compute_stays
from analytics.flows.footfall import CrossingSettings, compute_crossings
from tests.support.halls.known_crowd import STAND, make_track_table
from tests.support.oracles import EXACT_VISITS, compute_visits

FLOOR = Polygon.from_points([(-4, -4), (10, -4), (10, 8), (-4, 8)], what="the floor")


@st.composite
def walks(draw: st.DrawFn) -> pd.DataFrame:
    """Up to four persons who wander about the stand, with pauses, missing rows and long absences."""
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    tables = []
    for person in range(draw(st.integers(1, 4))):
        rows = draw(st.integers(1, 150))
        pace = random.choice([0.0, 0.2, 0.6], rows) if draw(st.booleans()) else np.full(rows, 0.4)
        x = np.clip(random.uniform(-3, 9) + np.cumsum(random.normal(0, 1, rows) * pace), -3.9, 9.9)
        y = np.clip(random.uniform(-3, 7) + np.cumsum(random.normal(0, 1, rows) * pace), -3.9, 7.9)
        steps = random.choice([1, 1, 1, 1, 1, 3, 8, 80], rows)
        moments = (int(random.integers(0, 100)) + np.cumsum(steps)) * 0.2
        tables.append(make_track_table(time_s=moments, tracklet=[person] * rows, x_m=x, y_m=y, sigma_m=0.1))
    return pd.concat(tables).sort_values("time_s", kind="stable", ignore_index=True)


def make_spans(span: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame([("north", *span, 1)], columns=["camera", "start_s", "end_s", "frames"])


def decide_slowly(depths: list[float], weights: list[float], rule: VisitSettings) -> list[bool]:
    """The most likely sequence of sides among all of them, by the recursion with both states' scores."""
    sigma = max(rule.least_error_m, rule.sigma_factor * float(np.float32(0.1)))
    costs = []
    for depth, weight in zip(depths, weights, strict=True):
        if depth <= -2.86 * sigma:
            costs.append((np.inf, 0.0))
            continue
        odds = np.clip(stats.norm.logcdf(depth / sigma) - stats.norm.logsf(depth / sigma), -6.0, 6.0)
        costs.append((-odds * weight, 0.0))
    best = [costs[0]]
    for inside, outside in costs[1:]:
        last_in, last_out = best[-1]
        best.append(
            (
                inside + min(last_in, last_out + rule.evidence_s),
                outside + min(last_out, last_in + rule.evidence_s),
            )
        )
    sides = [best[-1][0] <= best[-1][1]]
    for last_in, last_out in reversed(best[:-1]):
        cost_in, cost_out = (0.0, rule.evidence_s) if sides[-1] else (rule.evidence_s, 0.0)
        if last_in + cost_in == last_out + cost_out:
            sides.append(sides[-1])
        else:
            sides.append(last_in + cost_in < last_out + cost_out)
    return sides[::-1]


def find_stays_slowly(
    tracks: pd.DataFrame, rule: VisitSettings
) -> list[tuple[int, float, float, bool, bool]]:
    """The visit rule as a state machine that takes one row after the other, with shapely's distances."""
    zone = STAND.outline.to_shape()
    gaps = np.concatenate([np.diff(rows["time_s"]) for _, rows in tracks.groupby("tracklet")])
    gaps = gaps[gaps <= rule.longest_gap_s]
    usual_s = min(float(np.median(gaps)) if len(gaps) else 0.5, 0.5)
    found = []
    first_s, last_s = tracks["time_s"].min(), tracks["time_s"].max()
    for person, rows in tracks.groupby("tracklet"):
        segments: list[list[tuple[float, float, shapely.Point]]] = []
        for time_s, x, y in zip(rows["time_s"], rows["x_m"], rows["y_m"], strict=True):
            if not segments or time_s - segments[-1][-1][0] > rule.longest_gap_s:
                segments.append([])
            point = shapely.Point(float(x), float(y))
            distance = zone.exterior.distance(point)
            segments[-1].append((time_s, distance if zone.contains(point) else -distance, point))
        for segment in segments:
            times_s, depths, points = map(list, zip(*segment, strict=True))
            weights = [usual_s, *(min(later - time_s, 0.5) for time_s, later in itertools.pairwise(times_s))]
            sides = decide_slowly(depths, weights, rule)
            stays: list[list] = []
            for index, side in enumerate(sides):
                was_inside = index > 0 and sides[index - 1]
                if side == was_inside:
                    continue
                at_s = times_s[index]
                if index:
                    inner, outer = (index, index - 1) if side else (index - 1, index)
                    way = shapely.LineString([points[inner], points[outer]])
                    met = zone.exterior.intersection(way)
                    share = 0.5 if met.is_empty else met.distance(points[inner]) / way.length
                    at_s = times_s[inner] + share * (times_s[outer] - times_s[inner])
                if not side:
                    stays[-1][1], stays[-1][3] = at_s, False
                elif stays and at_s - stays[-1][1] <= rule.merge_s + 1e-6:
                    stays[-1][3] = True
                else:
                    stays.append([at_s, at_s, index == 0, True])
            if sides[-1]:
                stays[-1][1] = times_s[-1]
                if last_s - times_s[-1] > rule.period_margin_s and len(times_s) > 1:
                    stays[-1][1] += min(times_s[-1] - times_s[-2], 1.0) / 2
            if sides[0] and times_s[0] - first_s > rule.period_margin_s and len(times_s) > 1:
                stays[0][0] -= min(times_s[1] - times_s[0], 1.0) / 2
            found.extend((person, *stay) for stay in stays)
    return sorted(found, key=lambda stay: (stay[1], stay[0]))


@given(walks())
@settings(max_examples=60, deadline=None)
def test_stays_agree_with_the_rule_taken_row_by_row(tracks: pd.DataFrame) -> None:
    rule = VisitSettings()
    stays = compute_stays(tracks=tracks, zones=[STAND], spans=None, settings=rule)
    expected = find_stays_slowly(tracks, rule)
    quick = [
        (row.visitor, row.entered_s, row.left_s, row.start_edge != "seen", row.end_edge != "seen")
        for row in stays.itertuples()
    ]
    assert len(quick) == len(expected)
    for (*stay, start, end), (*other, other_start, other_end) in zip(quick, expected, strict=True):
        assert stay == pytest.approx(other, abs=1e-5)
        assert (start, end) == (other_start, other_end)


@given(walks(), st.floats(0.05, 0.95))
@settings(max_examples=60, deadline=None)
def test_splitting_a_period_changes_nothing_but_the_cut_at_the_split(tracks: pd.DataFrame, at: float) -> None:
    """Whole = parts: the seconds add up, and stays that do not meet the moment of the split are the same."""
    rule = EXACT_VISITS
    moments = tracks["time_s"].to_numpy()
    split_s = moments.min() + at * np.ptp(moments)
    whole = compute_stays(
        tracks=tracks, zones=[STAND], spans=make_spans((moments.min(), moments.max())), settings=rule
    )
    parts = pd.concat(
        compute_stays(tracks=part, zones=[STAND], spans=make_spans(span), settings=rule)
        for part, span in (
            (tracks[moments < split_s], (moments.min(), split_s)),
            (tracks[moments >= split_s], (split_s, moments.max())),
        )
    )
    near = rule.longest_gap_s + rule.merge_s

    def away(stays: pd.DataFrame) -> list[tuple]:
        far = stays[(stays["left_s"] < split_s - near) | (stays["entered_s"] > split_s + near)]
        return sorted(far[["visitor", "entered_s", "left_s"]].itertuples(index=False, name=None))

    assert away(parts) == away(whole)
    # what the split loses is at most the stretch between the two rows beside it, for each person
    lost_s = whole["seconds"].sum() - parts["seconds"].sum()
    assert -1e-6 <= lost_s <= near * tracks["tracklet"].nunique() + 1e-6


def count_crossings_slowly(tracks: pd.DataFrame, line: CountingLine, rule: CrossingSettings) -> list[tuple]:
    """From clear to clear, with shapely: on which side of a straight line, and does the path meet it."""
    shape = line.path.to_shape()
    (ax, ay), (bx, by) = line.path.points
    found = []
    for person, rows in tracks.groupby("tracklet"):
        counted_s = -1e9
        path: list[tuple[float, float]] = []
        last_s = None
        for time_s, x, y in zip(rows["time_s"], rows["x_m"], rows["y_m"], strict=True):
            point = (float(x), float(y))
            if last_s is not None and time_s - last_s > rule.longest_gap_s:
                path = []
            last_s = time_s
            path = [*path, point] if path else []
            if shape.distance(shapely.Point(point)) > line.band_m / 2:
                passes = 0
                for (x0, y0), (x1, y1) in itertools.pairwise(path):
                    if shape.intersects(shapely.LineString([(x0, y0), (x1, y1)])):
                        before = (bx - ax) * (y0 - ay) - (by - ay) * (x0 - ax)
                        after = (bx - ax) * (y1 - ay) - (by - ay) * (x1 - ax)
                        passes += int(np.sign(before) - np.sign(after)) // 2
                if passes and time_s - counted_s >= rule.once_within_s:
                    found.append((person, "in" if passes > 0 else "out"))
                    counted_s = time_s
                path = [point]
    return found


@given(walks())
@settings(max_examples=60, deadline=None)
def test_crossings_agree_with_a_path_followed_step_by_step(tracks: pd.DataFrame) -> None:
    rule = CrossingSettings(once_within_s=0.0, sigma_factor=0.0, walking_m_s=1e9)
    line = CountingLine(
        LineId("door"), ZoneKind.ENTRANCE, Polyline.from_points([(3, -2), (3.5, 5)], what="door")
    )
    crossings = compute_crossings(tracks=tracks, lines=[line], settings=rule)
    quick = sorted(zip(crossings["visitor"], crossings["direction"], strict=True))
    assert quick == sorted(count_crossings_slowly(tracks, line, rule))


@given(walks())
@settings(max_examples=40, deadline=None)
def test_the_cells_of_a_heatmap_add_up_to_the_presence(tracks: pd.DataFrame) -> None:
    (left, right), (low, high) = ((values.min() - 1, values.max() + 1) for values in (tracks.x_m, tracks.y_m))
    outline = Polygon.from_points([(left, low), (right, low), (right, high), (left, high)], what="the floor")
    heatmap = compute_heatmap(
        tracks=tracks, spans=None, camera_views=(), outline=outline, period_s=(0.0, 500.0), bandwidth_m=0.0
    )
    usual_s = 0.0
    gaps = [np.diff(rows["time_s"]) for _, rows in tracks.groupby("tracklet")]
    short = np.concatenate([gap[gap <= 2.0] for gap in gaps])
    usual_s = float(np.median(short)) if len(short) else 0.0
    segments = sum(1 + int((gap > 2.0).sum()) for gap in gaps)
    presence_s = short.sum() + segments * usual_s
    assert heatmap.person_seconds.sum() == pytest.approx(presence_s, abs=1e-6)
    area_m2 = heatmap.grid.cell_m**2
    assert np.nansum(heatmap.person_seconds_per_m2) * area_m2 == pytest.approx(presence_s, abs=1e-6)


@given(walks())
@settings(max_examples=40, deadline=None)
def test_visits_are_stays_of_the_minimum_within_half_a_sample_of_the_tracks_time(
    tracks: pd.DataFrame,
) -> None:
    visits = compute_visits(tracks=tracks, zones=[STAND], spans=None, settings=VisitSettings())
    assert (visits["seconds"] >= 3.0 - 1e-6).all()
    assert np.allclose(visits["left_s"] - visits["entered_s"], visits["seconds"])
    for visit in visits.itertuples():
        moments = tracks.loc[tracks["tracklet"] == visit.visitor, "time_s"]
        assert moments.min() - 0.5 <= visit.entered_s < visit.left_s <= moments.max() + 0.5
