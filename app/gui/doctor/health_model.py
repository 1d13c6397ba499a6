"""Provide the view-model of the recording's health, now and over the last hours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Unpack

from analytics.domain.errors import fill_template
from app.error_reporting import ErrorReport
from app.gui.session.cell_text import ABSENT, format_date_time, format_number, format_share
from app.gui.session.recorder_words import describe_own_recording, describe_recorder
from app.gui.session.translation import display_name, tr
from app.gui.session.view_model import VenueParts, VenueViewModel, WatchTimer
from app.recording.health_sample import HealthSample
from app.recording.recorder_health import MAX_PAUSE_S, RecorderHealth, find_health, measure_spread
from app.recording.recording_session import is_own_recording
from vision.pipeline.pipeline_status import CameraStatus

_MB, _GB = 1e6, 1e9
Piece = tuple[tuple[float, float], ...]
Read = Callable[[HealthSample], float | None]


@dataclass(frozen=True, slots=True)
class HealthLine:
    """A measured quantity over the last hours with translated texts.

    Attributes:
        value: newest value.
        range: minimum and maximum.
        pieces: pieces of (time, value), interrupted where nothing was measured.
    """

    title: str
    value: str
    range: str
    pieces: tuple[Piece, ...]

    @property
    def spoken(self) -> str:
        """Return the title, value and range for screen readers."""
        return f"{self.title}: {self.value} ({self.range})" if self.range else f"{self.title}: {self.value}"


def describe_lines(samples: Sequence[HealthSample]) -> tuple[HealthLine, ...]:
    """Return the lines of the machine, followed by each camera's rate and delay."""
    if not samples:
        return ()

    def megabytes(value: float) -> str:
        return f"{format_number(value / _MB)} MB"

    def gigabytes(value: float) -> str:
        return f"{value / _GB:.1f} GB"

    def seconds(value: float) -> str:
        return tr("{seconds:.1f} s", seconds=value)

    lines = [
        _make(tr("Age of the newest data on disk"), samples, lambda s: s.write_lag_s, seconds),
        _make(tr("Processor, total"), samples, lambda s: s.cpu_share, format_share),
        _make(
            tr("Processor, recording"),
            samples,
            lambda s: s.recorder_cpu_cores,
            lambda v: tr("{cores:.1f} cores", cores=v),
        ),
        _make(tr("Memory, recording"), samples, lambda s: s.recorder_memory_bytes, megabytes),
        _make(tr("Memory, free"), samples, lambda s: s.memory_free_bytes, megabytes),
        _make(tr("Disk, free"), samples, lambda s: s.disk_free_bytes, gigabytes),
        _make(tr("Pictures in process"), samples, lambda s: s.pictures_under_way, _format_whole),
        _make(tr("Positions waiting to be saved"), samples, lambda s: s.waiting_points, _format_whole),
    ]
    lines += [_make(gpu.name, samples, _read_gpu(gpu.name), format_share) for gpu in samples[-1].gpus]
    # in the order of the newest sample, which is that of the venue
    for name in dict.fromkeys(camera.camera for sample in reversed(samples) for camera in sample.cameras):
        shown = display_name(name)
        lines.append(
            _make(
                tr("{camera}, analysed", camera=shown),
                samples,
                _read_camera(name, "fps_analysed"),
                lambda v: tr("{fps:.1f}/s", fps=v),
            )
        )
        lines.append(
            _make(tr("{camera}, delay", camera=shown), samples, _read_camera(name, "latency_s"), seconds)
        )
    return tuple(lines)


def _make(
    title: str, samples: Sequence[HealthSample], read: Read, form: Callable[[float], str]
) -> HealthLine:
    values = [(sample.at_utc_s, read(sample)) for sample in samples]
    spread = measure_spread([value for _, value in values])
    last = values[-1][1]
    return HealthLine(
        title=title,
        value=ABSENT if last is None else form(last),
        range=""
        if spread is None
        else tr("{minimum} to {maximum}", minimum=form(spread.minimum), maximum=form(spread.maximum)),
        pieces=_cut(values),
    )


def _cut(values: Sequence[tuple[float, float | None]]) -> tuple[Piece, ...]:
    pieces: list[list[tuple[float, float]]] = []
    before_s: float | None = None
    for at_s, value in values:
        if value is None:
            before_s = None
            continue
        if before_s is None or at_s - before_s > MAX_PAUSE_S:
            pieces.append([])
        pieces[-1].append((at_s, value))
        before_s = at_s
    return tuple(tuple(piece) for piece in pieces)


def _format_whole(value: float) -> str:
    return f"{value:.0f}"


def _read_camera(name: str, field: str) -> Read:
    def read(sample: HealthSample) -> float | None:
        found = next((camera for camera in sample.cameras if camera.camera == name), None)
        return None if found is None else getattr(found, field)

    return read


def _read_gpu(name: str) -> Read:
    return lambda sample: next((gpu.share for gpu in sample.gpus if gpu.name == name), None)


POLL_INTERVAL_MS = 10_000
_KEY = "health"


@dataclass(frozen=True, slots=True)
class HealthState:
    """The state of the page with translated texts.

    Attributes:
        headline: description of the recorder, or of its absence.
        note: warning, if any.
        lines: lines from ``from_s`` (by the venue's clock in ``from_words``) to ``to_s``.
    """

    has_venue: bool = False
    headline: str = ""
    note: str = ""
    cameras: tuple[CameraStatus, ...] = ()
    lines: tuple[HealthLine, ...] = ()
    from_s: float = 0.0
    from_words: str = ""
    to_s: float = 0.0
    problem: str = ""
    remedy: str = ""


class HealthViewModel(VenueViewModel[HealthState]):
    """The view-model of the page Health; it updates every ten seconds while visible."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(HealthState(), **parts)
        self._found: RecorderHealth | None = None
        self._failure: ErrorReport | None = None
        self._watch = WatchTimer(self.update, every_ms=POLL_INTERVAL_MS, parent=self)
        self._app_state.venue_opened.connect(self._on_venue_opened)

    def set_active(self, is_active: bool) -> None:
        self._watch.set_active(is_active)

    def update(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            self.refresh()
            return
        self._job_runner.run_latest(
            _KEY,
            lambda: tr("Measuring the health of the recording"),
            lambda _context: find_health(venue.folder),
            on_done=self._on_found,
            on_failed=self._on_failed,
        )

    def refresh(self) -> None:
        state = self._compose()
        self._set_state(state)

    def _compose(self) -> HealthState:
        venue, found = self._app_state.venue, self._found
        if venue is None:
            return HealthState()
        state = HealthState(has_venue=True)
        if self._failure is not None:
            report = self._failure.render(tr)
            state = replace(state, problem=report.problem, remedy=report.remedy)
        if found is None:
            return state
        recorder, status = found.recorder, found.status
        if recorder is None:
            headline = tr("This venue is not being recorded on this machine.")
        elif is_own_recording(recorder):
            headline = describe_own_recording(recorder, time_zone=venue.exhibition.time_zone)
        else:
            headline = describe_recorder(recorder, time_zone=venue.exhibition.time_zone)
        note = ""
        if status is not None and (phrase := status.history.describe()) is not None:
            note = fill_template(phrase.template, phrase.fields, tr)
        elif recorder is not None and status is None:
            note = tr(
                "The recorder's account does not share its status with yours: join the group of "
                "that name, or ask root."
            )
        from_s = found.samples[0].at_utc_s if found.samples else found.at_utc_s
        return replace(
            state,
            headline=headline,
            note=note,
            cameras=() if status is None else status.cameras,
            lines=describe_lines(found.samples),
            from_s=from_s,
            from_words=format_date_time(from_s, time_zone=venue.exhibition.time_zone),
            to_s=found.at_utc_s,
        )

    def _on_found(self, found: RecorderHealth) -> None:
        self._found, self._failure = found, None
        self.refresh()

    def _on_failed(self, report: ErrorReport) -> None:
        self._failure = report
        self.refresh()

    def _on_venue_opened(self) -> None:
        self._found, self._failure = None, None
        self.refresh()
        self._watch.run_if_active()
