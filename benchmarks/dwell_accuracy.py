"""Visits, dwell times and identities of ours and of other trackers against exact truth, as one table.

Run as ``python -m benchmarks.dwell_accuracy --seeds 5``. Seeds from 1000 on were never used to find a
parameter. All methods get the same detections, calibration, zones and visit rule. The scenes ``other`` come
from a second simulator with another detector, which nothing was fitted to either. With the clips of
``$EXPOFLOW_FOOTAGE`` (or ../shared/footage) there is a second table, of real people.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from analytics.evaluation.result_reading import ResultFiles, read_result_files
from analytics.evaluation.scores import Score, Scores
from analytics.evaluation.truth_comparison import compare_results
from benchmarks.clip_accuracy import measure_clips
from benchmarks.other_camera import OTHER_SCENES, film_other_scene, simulate_other_scene
from benchmarks.recompute_speed import measure_frame, measure_recompute
from benchmarks.tracking_methods import METHODS, Method, run_method
from tools.scenes.scene_files import write_scene
from tools.scenes.scenes import SCENE_NAMES, SyntheticScene, make_scene

FRESH_SEED = 1000
COLUMNS = {
    "visits": "visits",
    "mean_dwell": "mean dwell",
    "median_dwell": "median dwell",
    "person_seconds": "person-seconds",
    "whole_long_stays": "long stays whole",
    "identities_per_person": "identities a person",
    "double_people": "double",
    "crossings": "crossings",
    "idf1": "IDF1",
    "hota": "HOTA",
    "floor_error_rms_m": "floor RMS m",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One scene to run every method on."""

    scene: str
    fps: float
    seed: int
    minutes: float


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One method's scores of one scene; milliseconds of processor time for a frame of a camera.

    Attributes:
        half_widths: of the intervals of visits and of mean dwell in each zone, over the number itself.
    """

    case: Case
    method: str
    scores: Scores
    tracking_ms: float
    numbers_ms: float
    people_in_view: float
    half_widths: tuple[tuple[float, float], ...]


def run_case(case: Case, methods: Sequence[Method]) -> list[CaseRow]:
    """Make a scene and measure the methods on it."""
    with tempfile.TemporaryDirectory(prefix="expoflow-accuracy-") as name:
        folder = Path(name)
        write_scene(make_case_scene(case), folder)
        truth = read_result_files(folder / "truth")
        moments = max(1, truth.tracks["time_s"].nunique())
        rows = []
        for method in methods:
            run = run_method(method, folder)
            rows.append(
                CaseRow(
                    case,
                    method.name,
                    compare_results(truth=truth, against=run.result),
                    1000 * run.tracking_s / run.frames,
                    1000 * run.numbers_s / run.frames,
                    len(truth.tracks) / moments,
                    measure_half_widths(run.result),
                )
            )
        return rows


def measure_half_widths(result: ResultFiles) -> tuple[tuple[float, float], ...]:
    """Half of each zone's intervals of visits and mean dwell, over the number; none of a zone without."""
    zones: Any = result.summary["zones"]
    pairs = (("visits", "visits_interval"), ("mean_dwell_s", "mean_dwell_interval_s"))
    return tuple(
        tuple((zone[limits][1] - zone[limits][0]) / (2 * zone[name]) for name, limits in pairs)
        for zone in zones.values()
        if all(zone.get(name) and zone.get(limits) for name, limits in pairs)
    )


def make_case_scene(case: Case) -> SyntheticScene:
    """The scene of a case, by whichever of the two simulators."""
    duration_s = case.minutes * 60
    if case.scene in OTHER_SCENES:
        paths = simulate_other_scene(case.scene, seed=case.seed, duration_s=duration_s)
        return film_other_scene(case.scene, paths=paths, seed=case.seed, fps=case.fps)
    return make_scene(case.scene, seed=case.seed, duration_s=duration_s, fps=case.fps)


def run_cases(cases: Sequence[Case], methods: Sequence[Method], jobs: int) -> Iterator[list[CaseRow]]:
    """All cases, in their order."""
    if jobs == 1:
        yield from (run_case(case, methods) for case in cases)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.starmap(run_case, [(case, methods) for case in cases], chunksize=1)


def format_table(rows: Sequence[CaseRow], methods: Sequence[Method]) -> str:
    """Mean scores over the seeds of each scene, as Markdown; the spread over seeds is given for ours."""
    lines = [
        f"| scene | method | {' | '.join(COLUMNS.values())} | ms a frame |",
        f"|---|---|{'---|' * (len(COLUMNS) + 1)}",
    ]
    for scene, fps in dict.fromkeys((row.case.scene, row.case.fps) for row in rows):
        for method in methods:
            own = [r for r in rows if (r.case.scene, r.case.fps, r.method) == (scene, fps, method.name)]
            cells = [_format_cell([getattr(row.scores, name) for row in own], name) for name in COLUMNS]
            people = np.mean([row.people_in_view for row in own])
            spent = np.mean([row.tracking_ms + row.numbers_ms for row in own])
            title = f"{scene}, {people:.0f} in view, {fps:g}/s"
            lines.append(f"| {title} | {method.name} | {' | '.join(cells)} | {spent:.2f} |")
    return "\n".join(lines)


def describe_intervals(rows: Sequence[CaseRow]) -> str:
    """How often intervals of ours hold the truth, and how wide they are, over all zones and in each scene."""
    ours = [row for row in rows if row.method == METHODS[0].name]
    scenes = dict.fromkeys(row.case.scene for row in ours)
    lines = [_describe_held("all", ours)]
    if len(scenes) > 1:
        lines += [_describe_held(name, [row for row in ours if row.case.scene == name]) for name in scenes]
    return "Intervals of 95 % hold the truth:\n" + "\n".join(lines)


def _describe_held(title: str, rows: Sequence[CaseRow]) -> str:
    zones = [zone for row in rows for zone in row.scores.zones]
    parts = []
    for name in ("visits_interval_holds", "mean_dwell_interval_holds", "median_dwell_interval_holds"):
        said = [held for zone in zones if (held := getattr(zone, name)) is not None]
        if said:
            parts.append(f"{name.removesuffix('_interval_holds').replace('_', ' ')} {np.mean(said):.1%}")
    widths = [width for row in rows for width in row.half_widths]
    wide = " and ".join(f"{share:.1%}" for share in np.mean(widths, axis=0)) if widths else "none"
    return f"- {title}: {', '.join(parts)} of {len(zones)} zones; half-widths {wide}"


def describe_crossings(rows: Sequence[CaseRow]) -> str:
    """How many crossings of ours are true ones, over all lines and seeds, and in each scene."""
    ours = [row for row in rows if row.method == METHODS[0].name]
    if not any(line.true for row in ours for line in row.scores.lines):
        return "No line was crossed."
    cases = dict.fromkeys((row.case.scene, row.case.fps) for row in ours)
    lines = [_describe_counted("all", ours)]
    if len(cases) > 1:
        lines += [
            _describe_counted(
                f"{scene}, {fps:g}/s", [r for r in ours if (r.case.scene, r.case.fps) == (scene, fps)]
            )
            for scene, fps in cases
        ]
    return "Crossings:\n" + "\n".join(lines)


def _describe_counted(title: str, rows: Sequence[CaseRow]) -> str:
    lines = [line for row in rows for line in row.scores.lines]
    true, found = sum(line.true for line in lines), sum(line.found for line in lines)
    if not true:
        return f"- {title}: none"
    matched = sum(line.matched for line in lines)
    accuracy = 1 - abs(found - true) / true
    return (
        f"- {title}: {true} true, {found} counted ({found / true:.1%}, accuracy {accuracy:.1%}), "
        f"{matched} of them at the same time"
    )


def _format_cell(scores: Sequence[Score], name: str) -> str:
    values = [score.value for score in scores if score.value is not None]
    if not values:
        return "–"
    digits = 2
    if name in ("whole_long_stays", "double_people"):
        return f"{np.mean(values):.0%}"
    spread = f" ±{np.std(values, ddof=1):.{digits}f}" if len(values) > 2 and name in _SPREAD else ""
    return f"{np.mean(values):.{digits}f}{spread}"


_SPREAD = ("visits", "mean_dwell", "median_dwell", "person_seconds")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--scenes", nargs="+", default=["busy", "dense"], choices=[*SCENE_NAMES, *OTHER_SCENES]
    )
    parser.add_argument("--seeds", type=int, default=3, help="how many")
    parser.add_argument("--first-seed", type=int, default=FRESH_SEED)
    parser.add_argument("--fps", nargs="+", type=float, default=[5.0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--ours", action="store_true", help="without the other trackers")
    parser.add_argument("--each", action="store_true", help="a line for every seed, too")
    parser.add_argument("--clips", action="store_true", help="the real clips, too")
    parser.add_argument("--speed", action="store_true", help="what it takes, too")
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    # ultralytics' trackers warn of NumPy's future on every frame
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    methods = METHODS[:1] if arguments.ours else METHODS
    cases = [
        Case(scene, fps, arguments.first_seed + number, arguments.minutes)
        for scene in arguments.scenes
        for fps in arguments.fps
        for number in range(arguments.seeds)
    ]
    began_s = time.monotonic()
    rows: list[CaseRow] = []
    for done in run_cases(cases, methods, arguments.jobs):
        rows += done
        if arguments.each:
            _print_each(done)
    last = arguments.first_seed + arguments.seeds - 1
    print(format_table(rows, methods))
    print()
    print(describe_intervals(rows))
    print(describe_crossings(rows))
    print(
        f"Seeds {arguments.first_seed} to {last}, {arguments.minutes:g} min each, "
        f"{datetime.now(UTC):%d %B %Y}, {time.monotonic() - began_s:.0f} s."
    )
    if arguments.speed:
        print(measure_frame(seed=arguments.first_seed))
        print(measure_recompute(seed=arguments.first_seed))
    if arguments.clips:
        print()
        print(measure_clips())


def _print_each(rows: Sequence[CaseRow]) -> None:
    for row in rows:
        values = [
            f"{label} {score.value:.2f}"
            for name, label in COLUMNS.items()
            if (score := getattr(row.scores, name)).value is not None
        ]
        case = row.case
        spent = f"{row.tracking_ms:.2f} + {row.numbers_ms:.2f} ms"
        print(
            f"{case.scene} {case.fps:g}/s seed {case.seed}, {row.method}: {', '.join(values)}; {spent}",
            flush=True,
        )


if __name__ == "__main__":
    main()
