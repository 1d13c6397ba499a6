"""A part of a day with the cameras that are advised and people who behave: ``python -m tools.demo.trial``.

Prints true and counted figures, as ``tools.demo.compare`` does of what is shipped. What each camera tracked
is kept in a folder, so that a restart goes on. Ninety minutes take some minutes on two cores.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analytics.domain.clock import SystemClock
from analytics.domain.event_sink import ObservedSpan
from analytics.store.event_store import Recording
from analytics.store.past_hours import PastCamera, add_past_hours
from app.core.document import FOLDER_SUFFIX
from app.demo.ready_venue import list_show_days
from tools.demo.cameras import LIVE_FPS, DemoCamera, advise_cameras
from tools.demo.compare import count_period, print_both
from tools.demo.history import simulate_lively_day, track_day
from tools.demo.make import make_venue, track_once
from tools.demo.story import tell_story
from tools.demo.truth import count_exactly


def run_trial(work: Path, *, number: int, duration_s: float, workers: int) -> None:
    """Simulate, track and count the first part of a day, 0 for the first, and print it beside the truth."""
    story = tell_story()
    hall = story.fair.halls[number]
    cameras = advise_cameras(hall)
    shutil.rmtree(folder := work / f"trial{FOLDER_SUFFIX}", ignore_errors=True)
    venue = make_venue(folder, story, cameras)
    samples, bodies = simulate_lively_day(story, number, duration_s=duration_s, fps=LIVE_FPS)
    with ProcessPoolExecutor(workers) as processes:
        tracked = {
            camera: processes.submit(
                track_once,
                work / f"{camera.name}.npy",
                partial(track_day, venue, story, number, samples, camera, bodies),
            )
            for camera in cameras
        }
        points = {camera: of_camera.result() for camera, of_camera in tracked.items()}
    opens_s = list_show_days(venue)[number][0]
    add_past_hours(
        venue.folder,
        cameras=[_date_points(camera, own, opens_s, duration_s) for camera, own in points.items()],
        clock=SystemClock(),
    )
    truth = count_exactly(samples, hall.make_geometry(), duration_s=duration_s)
    print(f"day {number + 1}, {duration_s / 60:.0f} minutes: true, counted")
    print_both(truth, count_period(venue, (opens_s, opens_s + duration_s)))


def _date_points(
    camera: DemoCamera, points: npt.NDArray[np.void], opens_s: float, duration_s: float
) -> PastCamera:
    own = points[np.argsort(points["time_s"], kind="stable")]
    own["time_s"] += opens_s
    mark = hashlib.sha256(f"trial {camera.name}".encode()).hexdigest()
    return PastCamera(
        points=own,
        span=ObservedSpan(
            camera.name, opens_s, opens_s + duration_s - 1 / LIVE_FPS, round(duration_s * LIVE_FPS)
        ),
        recording=Recording(
            name=f"trial, {camera.name}", sha256=mark, camera=camera.name, start_s=opens_s, imported_s=opens_s
        ),
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("work", type=Path, help="folder for what was made, one for each trial")
    parser.add_argument("--day", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=90.0)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    run_trial(chosen.work, number=chosen.day - 1, duration_s=60 * chosen.minutes, workers=chosen.workers)


if __name__ == "__main__":
    main()
