"""Whether findings survive cameras: a fair with facts built in, by exact tracks and by those of a tracker.

Ten views with a detector's errors, the tracker, and the joining of identities stand between the two.

``python -m benchmarks.filmed_findings [HOURS [SEED]]``, of the first day of the fair with bodies, which is
open for four; takes some minutes of processor time for each hour.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pandas as pd

from analytics.columns import TRACK_COLUMNS
from analytics.findings.finding import LayoutFinding
from analytics.findings.layout_search import find_findings
from analytics.metrics.coverage import CameraView
from analytics.rollups.period_facts import PeriodFacts, compute_stretch_facts, join_stretches
from analytics.rollups.stretch import Stretch
from app.facts.identified_period import identify_period
from app.places.place_values import value_places
from benchmarks.findings import RULE_OF, TABLES_READ, describe, is_about, list_events, open_s, view_from_above
from benchmarks.tracking_methods import track_scene
from tools.fairs.fair_hall import FairHall
from tools.fairs.planted_fair import PlantedFair, plan_short_fair
from tools.fairs.planted_film import film_hall
from tools.fairs.planted_hall import AFTER_CLOSING_S, PlantedDay, simulate_planted_day
from tools.scenes.scene_files import write_detections

FPS = 2.0
SEED = 72000


def make_facts(
    hall: FairHall,
    *,
    tracks: pd.DataFrame,
    spans: pd.DataFrame,
    views: tuple[CameraView, ...],
    duration_s: float,
) -> PeriodFacts:
    """The tables of one day."""
    plan, geometry = hall.make_plan(), hall.make_geometry()
    stretch = Stretch(
        tracks=tracks,
        spans=spans,
        start_utc_s=open_s(0),
        duration_s=duration_s,
        plan=plan,
        geometry=geometry,
        views=views,
    )
    return join_stretches(
        [compute_stretch_facts(stretch, TABLES_READ)],
        period_s=(open_s(0), open_s(0) + duration_s),
        plan=plan,
        views=views,
        geometry=geometry,
    )


def tabulate_exact(hall: FairHall, day: PlantedDay) -> PeriodFacts:
    """The tables of a day by exact tracks."""
    duration_s = float(day.spans["end_s"].max())
    return make_facts(
        hall, tracks=day.tracks, spans=day.spans, views=(view_from_above(hall),), duration_s=duration_s
    )


def tabulate_filmed(hall: FairHall, day: PlantedDay, *, seed: int) -> PeriodFacts:
    """The tables of a day by what cameras saw."""
    with tempfile.TemporaryDirectory() as folder:
        write_detections(film_hall(hall=hall, paths=day.paths, seed=seed, fps=FPS), Path(folder))
        tracked = track_scene(Path(folder))
    sizes_wh = {camera.name: camera.frame_size_wh for camera in tracked.scene.cameras}
    views = tuple(tracked.scene.views({name: size for name, size in sizes_wh.items() if size}))
    period = identify_period(
        tracks=tracked.tracks,
        spans=tracked.spans,
        period_s=(0.0, tracked.duration_s),
        views=views,
        zones=hall.make_geometry().zones,
        lines=hall.make_geometry().lines,
    )
    tracks = period.tracks[[column.name for column in TRACK_COLUMNS]]
    return make_facts(hall, tracks=tracks, spans=period.spans, views=views, duration_s=tracked.duration_s)


def main(hours: float, seed: int) -> None:
    fair = plan_short_fair()
    hall = fair.halls[0]
    day = simulate_planted_day(
        hall=hall,
        programme=fair.programmes[0],
        seed=seed,
        until_s=min(hours * 3600.0, fair.programmes[0].open_s + AFTER_CLOSING_S),
    )
    report(fair, tabulate_exact(hall, day), tabulate_filmed(hall, day, seed=seed))


def report(fair: PlantedFair, exact: PeriodFacts, seen: PeriodFacts) -> None:
    """Print what is found of the facts, and what else is."""
    for zone in fair.halls[0].make_geometry().zones:
        if (coverage := seen.measure_coverage(zone)) < 0.995:
            print(f"{zone.name}: {100 * coverage:.0f} % observed")
    print("stand     stopped, exact tracks   cameras")
    for stand in fair.halls[0].booths:
        counts = [count_stopped(facts, stand.name) for facts in (exact, seen)]
        print(f"{stand.name:8}  {counts[0]:21}  {counts[1]:8}")
    events = [event for event in list_events(fair) if event.end_s < exact.period_s[1]]
    for title, facts in (("exact tracks", exact), ("cameras", seen)):
        findings = find_findings(facts, value_places(facts), events=events)
        print(f"\nby {title}")
        for fact in fair.facts:
            if fact.kind in RULE_OF:
                found = any(is_about(finding, fact, fair) for finding in findings)
                print(f"{fact.kind.value:16} {'found' if found else 'not found'}")
        print_false(findings, fair)


def count_stopped(facts: PeriodFacts, zone: str) -> int:
    exposed = facts.tables["exposed"]
    return int(exposed.loc[exposed["zone"] == zone, "did_stop"].sum())


def print_false(findings: tuple[LayoutFinding, ...], fair: PlantedFair) -> None:
    for finding in findings:
        if not any(is_about(finding, fact, fair) for fact in fair.facts):
            print("  not built in:", describe(finding))


if __name__ == "__main__":
    main(*(float(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (4.0, SEED))
