"""Writes the demonstration that is shipped: ``python -m tools.demo.make``, some minutes on two cores.

Each day is simulated, filmed by four simulated detectors, and followed by the product's tracker at two frames
a second; of each track the first point in every second is kept, as the product itself does where disk space
is low. Then the product unpacks what was written and computes its tables. ``--only clips`` or ``history``
makes one of the two again, ``--only tables`` just the tables, from the shipped history, in five minutes of a
processor: needed where what they depend on has changed.

``--cameras ten`` makes the hall as *Coverage* advises it, at five frames a second, with people who give way,
sway and queue; ``--work FOLDER`` keeps what each camera tracked there, so that a restart goes on.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.identifiers import CameraId
from analytics.rollups.rollup_folder import ROLLUPS_NAME
from analytics.store.space_saving import THINNED_TO_S
from analytics.visitors.false_positives.corrections import PlaceVerdict
from app.core.document import FOLDER_SUFFIX, Venue, VenueCamera, VenueSettings
from app.core.file_format import FILE_NAME, create_venue, write_venue
from app.demo.ready_venue import (
    CLIPS_NAME,
    HISTORY_FPS,
    SHIPPED_HISTORY,
    list_show_days,
    unpack_demo_venue,
)
from app.facts.prepared_facts import prepare_facts
from app.floor_plan.corrected_period import PlaceState, decide_place, list_places
from app.timeline.timeline_file import FILE_NAME as TIMELINE_NAME
from app.timeline.timeline_file import write_timeline
from resources.demo import DEMO_FOLDER
from tools.demo.cameras import DEMO_CAMERAS, LIVE_FPS, DemoCamera, advise_cameras, calibrate_camera
from tools.demo.clips import render_clip, simulate_live_crowd
from tools.demo.compare import TRUTH_FILE
from tools.demo.corrected_days import read_corrected_period
from tools.demo.history import SEED, simulate_day, simulate_lively_day, track_day
from tools.demo.pack import write_history
from tools.demo.story import (
    CLOSES,
    DAYS,
    OBSERVED_S,
    OPENS,
    TIME_ZONE,
    Story,
    make_targets,
    make_timeline,
    tell_story,
)
from tools.demo.truth import count_exactly
from tools.simulation.body_boxes import BodySizes
from tools.simulation.crowd.crowd_samples import CrowdSamples
from vision.sources.frame_source import SourceAddress, SourceKind

FIRST_DAY = date(2026, 3, 2)
_MODEL = "expoflow-demo"


@dataclass(frozen=True, slots=True)
class _StoppedClock:
    """A clock that stands still."""

    at_utc_s: float

    def now_utc_s(self) -> float:
        return self.at_utc_s

    def monotonic_s(self) -> float:
        return 0.0


def make_venue(folder: Path, story: Story, cameras: tuple[DemoCamera, ...] = DEMO_CAMERAS) -> Venue:
    """Write the venue's folder on its nominal days, without history and clips."""
    days = [FIRST_DAY + timedelta(days=number) for number in range(DAYS)]
    hours = tuple(OpeningHours(day, OPENS, CLOSES) for day in days)
    exhibition = Exhibition("Demo exhibition", TIME_ZONE, hours)
    before, after = story.fair.halls[0].make_geometry(), story.hall.make_geometry()
    second_s = exhibition.day_interval_utc(days[1])[0]
    create_venue(folder, exhibition, story.hall.make_plan())
    venue = Venue(
        folder=folder,
        exhibition=exhibition,
        plan=story.hall.make_plan(),
        cameras=tuple(
            VenueCamera(
                calibrate_camera(camera, story.hall, seed=SEED),
                SourceAddress(SourceKind.CLIP, f"{CLIPS_NAME}/{name_clip(camera.name)}"),
            )
            for camera in cameras
        ),
        geometry_versions=(
            _name_version(before, "Layout A", None),
            _name_version(after, "Layout B", second_s),
        ),
        settings=VenueSettings(model_name=_MODEL, analysed_fps=LIVE_FPS),
        targets=make_targets(story),
    )
    write_venue(venue)
    opens_s = tuple(exhibition.opening_intervals_utc(day)[0][0] for day in days)
    write_timeline(folder, make_timeline(story, opens_s))
    return venue


def name_clip(camera: str) -> str:
    """Return the file name of a camera's clip."""
    return camera.removesuffix(" camera").lower().replace(" ", "-") + ".mp4"


@dataclass(frozen=True, slots=True)
class Equipment:
    """Who watches whom.

    Attributes:
        cameras: all of the hall.
        fps: frames a second that are tracked.
        is_lively: whether people give way, sway and queue.
    """

    cameras: tuple[DemoCamera, ...]
    fps: float
    is_lively: bool


def choose_equipment(name: str, story: Story) -> Equipment:
    """Return the cameras ``four`` or ``ten``."""
    if name == "four":
        return Equipment(DEMO_CAMERAS, HISTORY_FPS, is_lively=False)
    return Equipment(advise_cameras(story.hall), LIVE_FPS, is_lively=True)


def make_history(venue: Venue, story: Story, equipment: Equipment, *, work: Path, workers: int) -> None:
    """Simulate and track all days, and write the points and the truth into the venue's folder.

    Args:
        work: folder where what each camera tracked is kept; what is there is not made again.
    """
    work.mkdir(parents=True, exist_ok=True)
    days: list[dict[CameraId, npt.NDArray[np.void]]] = []
    truth = []
    with ProcessPoolExecutor(workers) as processes:
        for number in range(DAYS):
            samples, bodies = _simulate(story, equipment, number)
            geometry = story.fair.halls[number].make_geometry()
            exact = processes.submit(count_exactly, samples, geometry, duration_s=OBSERVED_S)
            tracked = {
                camera.name: processes.submit(
                    track_once,
                    work / f"day {number + 1}, {camera.name}.npy",
                    partial(track_day, venue, story, number, samples, camera, bodies),
                )
                for camera in equipment.cameras
            }
            days.append({name: points.result() for name, points in tracked.items()})
            truth.append(exact.result())
    write_history(venue.folder / SHIPPED_HISTORY, days, fps=equipment.fps)
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    TRUTH_FILE.write_text(text + "\n", encoding="utf-8")


def _simulate(story: Story, equipment: Equipment, number: int) -> tuple[CrowdSamples, BodySizes | None]:
    if equipment.is_lively:
        return simulate_lively_day(story, number, duration_s=OBSERVED_S, fps=equipment.fps)
    return simulate_day(story, number).samples, None


def track_once(file: Path, track: Callable[[], npt.NDArray[np.void]]) -> npt.NDArray[np.void]:
    """Return the points of a file, which are tracked and thinned if it does not exist."""
    if file.exists():
        kept: npt.NDArray[np.void] = np.load(file)
        return kept
    points = thin_points(track())
    unfinished = file.with_suffix(".part.npy")
    np.save(unfinished, points)
    unfinished.rename(file)
    return points


def thin_points(points: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    """Return the first point of each tracklet in every second."""
    ordered = points[np.lexsort((points["time_s"], points["tracklet"]))]
    second = np.floor(ordered["time_s"] / THINNED_TO_S + 1e-6)
    is_first = np.ones(len(ordered), bool)
    is_first[1:] = (np.diff(ordered["tracklet"]) != 0) | (np.diff(second) != 0)
    return ordered[is_first]


def make_tables(venue: Venue) -> None:
    """Let the product unpack the history and compute its tables, which are shipped with the decisions."""
    # a little after midnight, when all days are over
    midnight_s, _ = venue.exhibition.day_interval_utc(FIRST_DAY + timedelta(days=DAYS))
    clock = _StoppedClock(midnight_s + 3 * 3600.0)
    shutil.rmtree(venue.folder / ROLLUPS_NAME, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        unpacked = unpack_demo_venue(Path(scratch) / f"demo{FOLDER_SUFFIX}", clock=clock, source=venue.folder)
        decided = decide_places(unpacked)
        prepare_facts(venue=decided, clock=clock)
        shutil.copy(decided.folder / FILE_NAME, venue.folder / FILE_NAME)
        shutil.copytree(
            unpacked.folder / ROLLUPS_NAME,
            venue.folder / ROLLUPS_NAME,
            ignore=shutil.ignore_patterns(".lock"),
        )


def decide_places(venue: Venue) -> Venue:
    """Return the venue with a decision about every place proposed in a day or in the whole show.

    They are persons, as an installer would see in the picture: simulated people stand without swaying, and
    there is no object that the simulated detectors could take for a person (``simulate_detections``). With
    few exceptions somebody stood within half a metre; the others' feet were hidden, so that they were seen
    elsewhere.
    """
    days = list_show_days(venue)
    for start_s, end_s in (*days, (days[0][0], days[-1][1])):
        corrected = read_corrected_period(venue, start_utc_s=start_s, end_utc_s=end_s)
        for place in list_places(venue.corrections, corrected.identified):
            if place.state is PlaceState.PROPOSED:
                venue = decide_place(venue.folder, place.decide(PlaceVerdict.PERSON))
    return venue


def make_clips(folder: Path, story: Story, cameras: tuple[DemoCamera, ...], workers: int) -> None:
    """Render a clip of each camera."""
    crowd = simulate_live_crowd(story.hall)
    folder.mkdir(exist_ok=True)
    with ProcessPoolExecutor(workers) as processes:
        jobs = [
            processes.submit(
                render_clip, folder / name_clip(camera.name), crowd=crowd, camera=camera, hall=story.hall
            )
            for camera in cameras
        ]
        for job in jobs:
            job.result()


def _name_version(geometry: FloorGeometry, label: str, valid_from_utc_s: float | None) -> FloorGeometry:
    return replace(geometry, label=label, valid_from_utc_s=valid_from_utc_s)


def main() -> None:
    """Write what is shipped, or a part of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("clips", "history", "tables"))
    parser.add_argument("--cameras", choices=("four", "ten"), default="four")
    parser.add_argument("--work", type=Path, help="folder for what each camera tracked")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=DEMO_FOLDER)
    chosen = parser.parse_args()
    story = tell_story()
    equipment = choose_equipment(chosen.cameras, story)
    with tempfile.TemporaryDirectory() as scratch:
        made = make_venue(Path(scratch) / f"demo{FOLDER_SUFFIX}", story, equipment.cameras)
        if chosen.only != "clips":
            for name in (FILE_NAME, TIMELINE_NAME):
                shutil.copy(made.folder / name, chosen.out / name)
    venue = replace(made, folder=chosen.out)
    if chosen.only in (None, "clips"):
        make_clips(chosen.out / CLIPS_NAME, story, equipment.cameras, chosen.workers)
    if chosen.only in (None, "history"):
        with tempfile.TemporaryDirectory() as scratch:
            work = chosen.work or Path(scratch)
            make_history(venue, story, equipment, work=work, workers=chosen.workers)
    if chosen.only in (None, "history", "tables"):
        make_tables(venue)


if __name__ == "__main__":
    main()
