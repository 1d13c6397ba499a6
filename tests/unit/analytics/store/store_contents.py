"""Points by number, and what a history holds of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.store.sql_event_store import open_reader

NINE_S = 1_795_597_200.0  # 2026-11-25T09:00:00Z


class FakeClock:
    def __init__(self, now_s: float = NINE_S) -> None:
        self.now_s = now_s

    def now_utc_s(self) -> float:
        return self.now_s

    def monotonic_s(self) -> float:
        return self.now_s


def make_points(numbers: Iterable[int], *, step_s: float = 1.0) -> list[TrackPoint]:
    return [
        TrackPoint(
            NINE_S + number * step_s,
            CameraId("cam"),
            TrackletId(number),
            number / 100,
            2.0,
            0.2,
            None,
            TrackState.CONFIRMED,
        )
        for number in numbers
    ]


def read_numbers(folder: Path) -> list[int]:
    reader = open_reader(folder)
    try:
        return sorted(reader.read_tracks()["tracklet"].tolist())
    finally:
        reader.close()


def list_track_files(folder: Path) -> list[str]:
    tracks = folder / "tracks"
    return sorted(path.relative_to(tracks).as_posix() for path in tracks.rglob("*") if path.is_file())
