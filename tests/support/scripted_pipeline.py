"""A pipeline's parts whose every result is known in advance: for any frame, who stands where.

Frame ``n`` of a camera carries ``n`` in its first pixels. A live camera takes frame ``n`` at exactly ``n``
divided by its rate, since the epoch, so that what a killed and restarted pipeline must have recorded can be
worked out from the clock alone.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.clock import Clock
from analytics.domain.event_sink import CameraEvent, Gap, ObservedSpan
from analytics.domain.history_condition import HistoryCondition
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from vision.detection.detector_choice import DetectorChoice
from vision.pipeline.plan import CameraFeed, PipelinePlan
from vision.pixel_types import Detections, Frame, Picture, TrackedBox
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.source_faults import SourceFault, make_source_error
from vision.tracking.floor_view import FloorView

PICTURE_SHAPE = (36, 64, 3)
PEOPLE = 3


def make_feed(name: str, *, is_lossless: bool, fps: float = 10.0, location: str = "scripted") -> CameraFeed:
    kind = SourceKind.VIDEO if is_lossless else SourceKind.RTSP
    return CameraFeed(
        Camera(CameraId(name), analysed_fps=fps),
        SourceAddress(kind, location, user="visitor", password="s3cret-pass"),
        CameraGeometry(np.eye(3)),
        is_lossless,
    )


def make_plan(*feeds: CameraFeed) -> PipelinePlan:
    return PipelinePlan(tuple(feeds), DetectorChoice(Path("scripted"), device="CPU"))


def draw_number(number: int, shape: tuple[int, int, int] = PICTURE_SHAPE) -> Picture:
    picture = np.full(shape, 100 + number % 101, np.uint8)
    picture.reshape(-1)[:8] = np.frombuffer(np.int64(number).tobytes(), np.uint8)
    return picture


def read_number(picture: Picture) -> int:
    return int(np.frombuffer(np.ascontiguousarray(picture).reshape(-1)[:8].tobytes(), np.int64)[0])


def expected_position(number: int, person: int) -> tuple[float, float]:
    """Where a person stands in frame ``number``: metres, which are pixels here."""
    return float((number * 7 + person * 11) % 500), float(person + 1)


class RecordingSource:
    """``frames`` frames at ``fps``, as fast as they are read."""

    def __init__(self, feed: CameraFeed, *, frames: int, fps: float, shape: tuple[int, int, int]) -> None:
        self._camera, self._frames, self._fps, self._shape = feed.camera.name, frames, fps, shape
        self._next = 0

    def open(self) -> None:
        self._next = 0

    def read(self) -> Frame | None:
        if self._next >= self._frames:
            return None
        number = self._next
        self._next += 1
        return Frame(self._camera, draw_number(number, self._shape), number / self._fps, number)

    def close(self) -> None:
        pass


class LiveSource:
    """A camera that takes a frame at each multiple of its interval since the epoch."""

    def __init__(self, feed: CameraFeed, clock: Clock, *, fps: float, outages: Path | None) -> None:
        self._camera, self._clock, self._fps = feed.camera.name, clock, fps
        self._location = feed.address.location
        self._outages = outages
        self._last = 0

    def open(self) -> None:
        self._fail_if_out()
        self._last = int(self._clock.now_utc_s() * self._fps)

    def read(self) -> Frame | None:
        self._last += 1
        time_s = self._last / self._fps
        time.sleep(max(0.0, time_s - self._clock.now_utc_s()))
        self._fail_if_out()
        return Frame(self._camera, draw_number(self._last), time_s, self._last)

    def close(self) -> None:
        pass

    def _fail_if_out(self) -> None:
        if self._outages is not None and (self._outages / self._camera).exists():
            raise make_source_error(SourceFault.LOST, camera=self._camera, location=self._location)


class CrashingSource:
    """What a decoder does that meets the wrong bytes."""

    def open(self) -> None:
        os.abort()

    def read(self) -> Frame | None:
        return None

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class OpenScripted:
    """Opens what a feed's location names: ``scripted``, ``crash`` or ``broken``.

    Attributes:
        outages: folder in which a file with a camera's name means that it cannot be reached.
    """

    fps: float = 10.0
    frames: int = 100
    shape: tuple[int, int, int] = PICTURE_SHAPE
    outages: Path | None = None

    def __call__(self, feed: CameraFeed, clock: Clock) -> RecordingSource | LiveSource | CrashingSource:
        if feed.address.location == "crash":
            return CrashingSource()
        if feed.address.location == "broken":
            raise make_source_error(
                SourceFault.UNREADABLE_FILE, camera=feed.camera.name, location=feed.address.location
            )
        if feed.is_lossless:
            return RecordingSource(feed, frames=self.frames, fps=self.fps, shape=self.shape)
        return LiveSource(feed, clock, fps=self.fps, outages=self.outages)


class ScriptedPending:
    def __init__(self, found: list[Detections], pause_s: float) -> None:
        self._found, self._pause_s = found, pause_s

    def wait(self) -> list[Detections]:
        time.sleep(self._pause_s)
        return self._found


class ScriptedDetector:
    """Reads the number in each picture and finds its first people where they are expected."""

    def __init__(self, pause_s: float = 0.0, people: int = PEOPLE) -> None:
        self._pause_s, self._people = pause_s, people

    @property
    def input_wh(self) -> tuple[int, int]:
        return PICTURE_SHAPE[1], PICTURE_SHAPE[0]

    def submit(self, pictures: Sequence[Picture]) -> ScriptedPending:
        return ScriptedPending([self._detect(picture) for picture in pictures], self._pause_s)

    def close(self) -> None:
        pass

    def _detect(self, picture: Picture) -> Detections:
        number = read_number(picture)
        feet = np.array([expected_position(number, person) for person in range(self._people)], np.float32)
        return Detections(np.hstack([feet, feet]), np.full(self._people, 0.9, np.float32))


@dataclass(frozen=True)
class LoadScripted:
    """Loads a detector; one from ``small`` finds one person of all."""

    pause_s: float = 0.0

    def __call__(self, choice: DetectorChoice) -> ScriptedDetector:
        return ScriptedDetector(self.pause_s, 1 if choice.model_path.name == "small" else PEOPLE)


class OrderTracker:
    """The n-th box is the n-th person; every sighting is a point at once."""

    def __init__(self, next_tracklet: Callable[[], TrackletId]) -> None:
        self._tracklets = [next_tracklet() for _ in range(PEOPLE)]
        self._last_s = -np.inf

    def update(self, time_s: float, detections: Detections) -> Sequence[TrackedBox]:
        assert time_s > self._last_s, "a tracker is given frames in chronological order"
        self._last_s = time_s
        return [
            TrackedBox(tracklet, time_s, tuple(map(float, box)), 0.9, TrackState.CONFIRMED)  # type: ignore[arg-type]
            for tracklet, box in zip(self._tracklets, detections.xyxy, strict=False)
        ]

    def finish(self) -> Sequence[TrackedBox]:
        return []


def make_order_tracker(next_tracklet: Callable[[], TrackletId], floor: FloorView) -> OrderTracker:
    return OrderTracker(next_tracklet)


@dataclass(frozen=True)
class PixelFloor:
    """A floor on which a metre is a pixel."""

    camera: CameraId

    def project(self, boxes: Sequence[TrackedBox]) -> list[TrackPoint]:
        return [
            TrackPoint(b.time_s, self.camera, b.tracklet, b.xyxy[0], b.xyxy[1], 0.1, None, b.state)
            for b in boxes
        ]


def make_pixel_floor(camera: Camera, geometry: CameraGeometry, size_wh: tuple[int, int]) -> PixelFloor:
    return PixelFloor(camera.name)


class JournalSink:
    """Appends one line of JSON for everything, all at once and durably at each flush."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: list[str] = []
        self._file = (folder / "journal.jsonl").open("a")
        self._add("opened", {"pid": os.getpid()})

    def reserve_tracklets(self, count: int) -> int:
        counter = self._folder / "tracklets"
        first = int(counter.read_text()) if counter.exists() else 1
        counter.write_text(str(first + count))
        return first

    def last_observed_end(self, camera: CameraId) -> float | None:
        spans = Journal.read(self._folder).spans.get(camera, [])
        return max((span.end_s for span in spans), default=None)

    def last_gap_cause(self, camera: CameraId) -> str:
        return ""

    def observed_from(self, camera: CameraId, time_s: float) -> list[tuple[float, float]]:
        spans = Journal.read(self._folder).spans.get(camera, [])
        return [(span.start_s, span.end_s) for span in spans if span.end_s > time_s]

    def condition(self) -> HistoryCondition:
        return HistoryCondition()

    def write_points(self, points: Sequence[TrackPoint]) -> None:
        for point in points:
            self._add("point", point._asdict())

    def write_span(self, span: ObservedSpan) -> None:
        self._add("span", asdict(span))

    def write_gap(self, gap: Gap) -> None:
        self._add("gap", asdict(gap))

    def write_event(self, event: CameraEvent) -> None:
        self._add("event", asdict(event))

    def flush(self) -> None:
        self._file.write("".join(self._lines))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._lines.clear()

    def close(self) -> None:
        self._add("closed", {"pid": os.getpid()})
        self.flush()
        self._file.close()

    def _add(self, kind: str, fields: dict[str, object]) -> None:
        self._lines.append(
            json.dumps(
                {"kind": kind, **fields}
                if "kind" not in fields
                else {**fields, "event": fields["kind"], "kind": kind}
            )
            + "\n"
        )


@dataclass(frozen=True)
class OpenJournal:
    folder: Path

    def __call__(self) -> JournalSink:
        return JournalSink(self.folder)


@dataclass
class Journal:
    """What a pipeline recorded, read back; a line cut off by a kill is ignored."""

    points: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    spans: dict[str, list[ObservedSpan]] = field(default_factory=dict)
    gaps: dict[str, list[Gap]] = field(default_factory=dict)
    events: list[dict[str, object]] = field(default_factory=list)
    closed: int = 0

    @staticmethod
    def read(folder: Path) -> Journal:
        journal = Journal()
        path = folder / "journal.jsonl"
        for line in path.read_text().splitlines() if path.exists() else []:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            journal._take(row)
        return journal

    def numbers(self, camera: str, fps: float) -> list[int]:
        """Frames of which every person was recorded in the right place, in the order of recording."""
        seen: list[int] = []
        rows = self.points.get(camera, [])
        for index in range(0, len(rows), PEOPLE):
            group = rows[index : index + PEOPLE]
            number = round(group[0]["time_s"] * fps)
            found = [(row["x_m"], row["y_m"]) for row in group]
            assert found == [expected_position(number, person) for person in range(len(found))]
            seen.append(number)
        return seen

    def _take(self, row: dict[str, object]) -> None:
        kind = row.pop("kind")
        camera = str(row.get("camera"))
        if kind == "point":
            self.points.setdefault(camera, []).append(row)  # type: ignore[arg-type]
        elif kind == "span":
            spans = self.spans.setdefault(camera, [])
            span = ObservedSpan(**row)  # type: ignore[arg-type]
            if spans and spans[-1].start_s == span.start_s:
                spans[-1] = span
            else:
                spans.append(span)
        elif kind == "gap":
            self.gaps.setdefault(camera, []).append(Gap(**row))  # type: ignore[arg-type]
        elif kind == "event":
            self.events.append(row)
        elif kind == "closed":
            self.closed += 1
