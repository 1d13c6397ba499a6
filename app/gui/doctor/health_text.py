"""The last hours of a recorder as lines with numbers beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.gui.session.cell_text import ABSENT, format_share
from app.gui.session.translation import display_name, tr
from app.recording.health_sample import HealthSample
from app.recording.recorder_health import LONGEST_PAUSE_S, measure_spread

_MB, _GB = 1e6, 1e9
Piece = tuple[tuple[float, float], ...]
Read = Callable[[HealthSample], float | None]


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One thing that was measured, over the last hours; texts are translated.

    Attributes:
        value: the newest.
        range: the least and the most.
        pieces: of (time, value), broken where nothing was measured.
    """

    title: str
    value: str
    range: str
    pieces: tuple[Piece, ...]

    @property
    def spoken(self) -> str:
        """All of it for who cannot see the line."""
        return f"{self.title}: {self.value} ({self.range})" if self.range else f"{self.title}: {self.value}"


def describe_lines(samples: Sequence[HealthSample]) -> tuple[HealthLine, ...]:
    """The machine first, then each camera's rate and delay."""
    if not samples:
        return ()

    def megabytes(value: float) -> str:
        return f"{value / _MB:.0f} MB"

    def gigabytes(value: float) -> str:
        return f"{value / _GB:.1f} GB"

    def seconds(value: float) -> str:
        return tr("{seconds:.1f} s", seconds=value)

    lines = [
        _make(tr("Age of what is safe on disk"), samples, lambda s: s.write_lag_s, seconds),
        _make(tr("Processor, whole machine"), samples, lambda s: s.cpu_share, format_share),
        _make(
            tr("Processor, recording"),
            samples,
            lambda s: s.recorder_cpu_cores,
            lambda v: tr("{cores:.1f} cores", cores=v),
        ),
        _make(tr("Memory, recording"), samples, lambda s: s.recorder_memory_bytes, megabytes),
        _make(tr("Memory, free"), samples, lambda s: s.memory_free_bytes, megabytes),
        _make(tr("Disk, free"), samples, lambda s: s.disk_free_bytes, gigabytes),
        _make(tr("Pictures under way"), samples, lambda s: s.pictures_under_way, _whole),
        _make(tr("Positions that wait to be written"), samples, lambda s: s.waiting_points, _whole),
    ]
    lines += [_make(gpu.name, samples, _read_gpu(gpu.name), format_share) for gpu in samples[-1].gpus]
    # in the order of the venue, the newest sample's first
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
        else tr("{least} to {most}", least=form(spread.least), most=form(spread.most)),
        pieces=_cut(values),
    )


def _cut(values: Sequence[tuple[float, float | None]]) -> tuple[Piece, ...]:
    pieces: list[list[tuple[float, float]]] = []
    before_s: float | None = None
    for at_s, value in values:
        if value is None:
            before_s = None
            continue
        if before_s is None or at_s - before_s > LONGEST_PAUSE_S:
            pieces.append([])
        pieces[-1].append((at_s, value))
        before_s = at_s
    return tuple(tuple(piece) for piece in pieces)


def _whole(value: float) -> str:
    return f"{value:.0f}"


def _read_camera(name: str, field: str) -> Read:
    def read(sample: HealthSample) -> float | None:
        found = next((camera for camera in sample.cameras if camera.camera == name), None)
        return None if found is None else getattr(found, field)

    return read


def _read_gpu(name: str) -> Read:
    return lambda sample: next((gpu.share for gpu in sample.gpus if gpu.name == name), None)
