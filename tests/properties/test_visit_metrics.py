"""Visits, crossings and heatmaps against slow programs written from the definitions, and under splitting."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.density.heatmap import compute_heatmap
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.dwell.visits import VisitSettings, compute_stays
from analytics.flows.footfall import CrossingSettings, compute_crossings
from analytics.results.summary import compute_results
from tests.support.halls.known_crowd import STAND, make_track_table
from tests.support.oracles import compute_visits

STANDS = (
    STAND,
    Zone(ZoneId("back"), ZoneKind.BOOTH, Polygon.from_points([(6, 0), (9, 0), (9, 4), (6, 4)], what="back")),
)
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


def find_runs_slowly(
    times_s: list[float], points: list[shapely.Point], zone: Zone, rule: VisitSettings
) -> list[tuple[float, float]]:
    """When a person is inside an outline, row by row."""
    shape = zone.outline.to_shape()

    def meet(inner: int, outer: int) -> float:
        if abs(times_s[outer] - times_s[inner]) > rule.longest_gap_s:
            return times_s[inner]
        way = shapely.LineString([points[inner], points[outer]])
        met = shape.exterior.intersection(way)
        share = 0.5 if met.is_empty else met.distance(points[inner]) / way.length
        return times_s[inner] + share * (times_s[outer] - times_s[inner])

    runs: list[tuple[float, float]] = []
    begun_s = None
    for index, point in enumerate(points):
        is_inside = shape.covers(point)
        if is_inside and begun_s is None:
            begun_s = meet(index, index - 1) if index else times_s[0]
        if not is_inside and begun_s is not None:
            runs.append((begun_s, meet(index - 1, index)))
            begun_s = None
    return runs if begun_s is None else [*runs, (begun_s, times_s[-1])]


def find_absences_slowly(
    times_s: list[float], points: list[shapely.Point], zone: Zone
) -> list[tuple[float, float]]:
    """When a person is farther from an outline than the leave distance for longer than the leave time."""
    shape = zone.outline.to_shape()
    depths = [(-1 if not shape.covers(point) else 1) * shape.exterior.distance(point) for point in points]
    absences = []
    gone_s = None
    for index, depth in enumerate(depths):
        share = 0.0
        if index and depth != depths[index - 1]:
            share = (depths[index - 1] + zone.leave_distance_m) / (depths[index - 1] - depth)
        met_s = times_s[index - 1] + share * (times_s[index] - times_s[index - 1]) if index else -np.inf
        if depth < -zone.leave_distance_m and gone_s is None:
            gone_s = met_s
        if depth >= -zone.leave_distance_m and gone_s is not None:
            if met_s - gone_s > zone.leave_time_s + 1e-6:
                absences.append((gone_s, met_s))
            gone_s = None
    return absences if gone_s is None else [*absences, (gone_s, np.inf)]


def find_stays_slowly(tracks: pd.DataFrame, rule: VisitSettings) -> list[tuple[int, str, float, float]]:
    """The visit rule for two stands of one layer: who is where, one event after the other, with shapely."""
    found = []
    for person, rows in tracks.groupby("tracklet"):
        times_s = rows["time_s"].tolist()
        points = [shapely.Point(float(x), float(y)) for x, y in zip(rows["x_m"], rows["y_m"], strict=True)]
        absences = {zone.name: find_absences_slowly(times_s, points, zone) for zone in STANDS}
        runs = sorted(
            (*run, zone) for zone in STANDS for run in find_runs_slowly(times_s, points, zone, rule)
        )
        stays: list[tuple[Zone, float, float]] = []
        for index, (begin_s, end_s, zone) in enumerate(runs):
            if not stays:
                stays.append((zone, begin_s, end_s))
                continue
            last, entered_s, left_s = stays[-1]
            nexts_s = [begin_s] if zone is last else [at[0] for at in runs[index:] if at[2] is last]
            goes_on = bool(nexts_s) and not any(
                left_s - 1e-9 <= gone_s and back_s <= nexts_s[0] + 1e-9
                for gone_s, back_s in absences[last.name]
            )
            if zone is last and goes_on:
                stays[-1] = (zone, entered_s, end_s)
                continue
            # a shorter while in the next stand belongs to the stay in the first
            least_s = last.leave_time_s if goes_on and zone is not last else 0.0
            if end_s - (max(begin_s, left_s) if least_s else left_s) > least_s + 1e-6:
                stays.append((zone, max(begin_s, left_s), end_s))
        found += [(int(person), str(zone.name), *at) for zone, *at in stays]
    return sorted(found)


@given(walks())
@settings(max_examples=60, deadline=None)
def test_stays_agree_with_the_rule_taken_row_by_row(tracks: pd.DataFrame) -> None:
    rule = VisitSettings(period_margin_s=np.inf)
    stays = compute_stays(tracks=tracks, zones=STANDS, spans=None, settings=rule)
    quick = sorted(stays[["visitor", "zone", "entered_s", "left_s"]].itertuples(index=False, name=None))
    expected = find_stays_slowly(tracks, rule)
    assert [row[:2] for row in quick] == [row[:2] for row in expected]
    assert [row[2:] for row in quick] == [pytest.approx(row[2:], abs=1e-5) for row in expected]


@given(walks())
@settings(max_examples=40, deadline=None)
def test_nobody_is_in_two_stands_at_once(tracks: pd.DataFrame) -> None:
    stays = compute_stays(tracks=tracks, zones=STANDS, spans=None, settings=VisitSettings())
    for _, own in stays.sort_values("entered_s").groupby("visitor"):
        apart_s = own["entered_s"].to_numpy()[1:] - own["left_s"].to_numpy()[:-1]
        # half a step at either end of a gap
        assert (apart_s >= -1.0).all()


@given(walks(), st.floats(0.05, 0.95))
@settings(max_examples=60, deadline=None)
def test_splitting_a_period_changes_nothing_but_the_cut_at_the_split(tracks: pd.DataFrame, at: float) -> None:
    """Whole = parts: the seconds add up, and stays that do not meet the moment of the split are the same."""
    rule = VisitSettings()
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
    near = rule.longest_gap_s + STAND.leave_time_s + 30.0

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


@given(walks())
@settings(max_examples=30, deadline=None)
def test_visits_times_mean_dwell_are_the_seconds_of_the_listed_visits(tracks: pd.DataFrame) -> None:
    results = compute_results(tracks=tracks, spans=None, zones=STANDS, lines=[], duration_s=600.0)
    for name, zone in results.zones.items():
        own = results.visits[results.visits["zone"] == name]
        assert zone.visits.value == len(own)
        assert zone.person_seconds == pytest.approx(own["seconds"].sum(), abs=1e-3)
        mean_s = zone.mean_dwell_s.value or 0.0
        assert len(own) * mean_s == pytest.approx(own["seconds"].sum(), abs=1e-3 * (len(own) + 1))
