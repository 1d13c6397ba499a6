"""Points that the maker writes are those that the product unpacks, at the rate at which they were tracked."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from analytics.store.past_hours import POINT_TYPE
from analytics.store.sql_event_store import open_reader
from app.core.document import FOLDER_SUFFIX, Venue
from app.core.file_format import FILE_NAME, read_venue
from app.demo.ready_venue import CLIPS_NAME, SHIPPED_HISTORY, list_show_days, unpack_demo_venue
from app.timeline.timeline_file import FILE_NAME as TIMELINE_NAME
from resources.demo import DEMO_FOLDER
from tests.support.halls.walked_hall import SetClock
from tools.demo.make import track_once
from tools.demo.pack import write_history

NOW_S = datetime(2031, 2, 28, 9, tzinfo=UTC).timestamp()


def unpack(tmp_path: Path, *, fps: float) -> Venue:
    """Unpack a demonstration in which one person walks for two seconds after each opening."""
    source = tmp_path / f"made{FOLDER_SUFFIX}"
    (source / CLIPS_NAME).mkdir(parents=True)
    for name in (FILE_NAME, TIMELINE_NAME):
        shutil.copy(DEMO_FOLDER / name, source / name)
    points = np.zeros(round(2 * fps), POINT_TYPE)
    points["time_s"] = np.arange(len(points)) / fps
    points["tracklet"], points["sigma_m"] = 1, 0.1
    points["x_m"], points["y_m"] = 3.0 + points["time_s"], 4.0
    shipped = read_venue(source)
    days = [{shipped.camera_names[0]: points} for _ in list_show_days(shipped)]
    write_history(source / SHIPPED_HISTORY, days, fps=fps)
    return unpack_demo_venue(tmp_path / f"demo{FOLDER_SUFFIX}", clock=SetClock(NOW_S), source=source)


@pytest.mark.parametrize("fps", [2.0, 5.0])
def test_points_keep_their_times_at_any_rate(tmp_path: Path, fps: float) -> None:
    venue = unpack(tmp_path, fps=fps)
    reader = open_reader(venue.folder)
    try:
        for start_s, end_s in list_show_days(venue):
            tracks, spans = reader.read_tracks(start_s, end_s), reader.read_spans(start_s, end_s)
            assert np.allclose(tracks["time_s"] - start_s, np.arange(2 * fps) / fps, atol=1e-3)
            assert np.allclose(tracks["x_m"], 3.0 + np.arange(2 * fps) / fps, atol=0.006)
            assert spans["frames"].tolist() == [round((end_s - start_s) * fps)]
            assert spans["end_s"].item() == pytest.approx(end_s - 1 / fps)
    finally:
        reader.close()


def test_a_restart_tracks_only_what_is_missing(tmp_path: Path) -> None:
    points = np.zeros(6, POINT_TYPE)
    points["tracklet"], points["time_s"] = 1, (0.0, 0.2, 0.8, 1.0, 1.4, 2.0)
    calls: list[int] = []

    def track() -> npt.NDArray[np.void]:
        calls.append(len(calls))
        return points

    file = tmp_path / "day 1, camera.npy"
    first, again = track_once(file, track), track_once(file, track)
    assert calls == [0]
    assert np.array_equal(first, again)
    # the first of every second
    assert first["time_s"].tolist() == [0.0, 1.0, 2.0]
    file.unlink()
    track_once(file, track)
    assert calls == [0, 1]
