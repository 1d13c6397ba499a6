"""``health``: how a venue's recorder is, now and over the last hours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import EXIT_FAILED, print_json, print_table, say
from app.cli.language import tr, translate
from app.cli.recording_troubles import list_troubles
from app.cli.summary_table import format_share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.operations.recorder_health import RecorderHealth
    from app.recorder.health_sample import HealthSample

GIGABYTE, MEGABYTE = 1e9, 1e6


def health(
    venue: Annotated[Path, typer.Option(help="The venue's folder.")],
    hours: Annotated[float, typer.Option(help="How far back.", min=0.1, max=168.0)] = 6.0,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Frames a second, delay and losses of each camera; processor, memory, disk. Status 1: nobody records."""
    from app.operations.recorder_health import find_health

    found = find_health(venue, hours=hours)
    if as_json:
        print_json(describe_health(found))
    else:
        _print(found, hours=hours)
    if found.recorder is None:
        raise typer.Exit(EXIT_FAILED)


def describe_health(found: RecorderHealth) -> dict[str, object]:
    """Everything for a machine."""
    from analytics.domain.clock import format_utc
    from app.recorder.health_sample import pack_sample

    recorder, status = found.recorder, found.status
    return {
        "at_utc": format_utc(found.at_utc_s),
        "recorder": None
        if recorder is None
        else {
            "kind": recorder.kind.value,
            "process": recorder.pid,
            "account": recorder.account,
            "since_utc": format_utc(recorder.since_utc_s),
        },
        "write_lag_s": found.write_lag_s,
        "cameras": []
        if status is None
        else [
            {
                "camera": str(camera.camera),
                "state": camera.state.value,
                "fps_in": round(camera.fps_in, 2),
                "fps_analysed": round(camera.fps_analysed, 2),
                "fps_dropped": round(camera.fps_dropped, 2),
                "latency_s": camera.age_s,
                "reconnects": camera.reconnects,
                "dropped": camera.dropped,
                "corrupt": camera.corrupt,
                "reason": str(camera.error or camera.detail),
            }
            for camera in status.cameras
        ],
        "processes": []
        if status is None
        else [
            {"process": process.name, "restarts": process.restarts, "reason": process.detail}
            for process in status.processes
        ],
        "history": None
        if status is None
        else {"mode": status.history.mode.value, "reason": str(status.history.describe() or "")},
        "pictures_under_way": None if status is None else status.pictures_under_way,
        "waiting_points": None if status is None else status.history.waiting_points,
        "samples": [pack_sample(sample) for sample in found.samples],
    }


def _print(found: RecorderHealth, *, hours: float) -> None:
    from analytics.domain.clock import format_utc
    from app.recorder.announcement import RecorderKind

    recorder, status = found.recorder, found.status
    if recorder is None:
        say(tr("Nobody records this venue on this machine."))
    else:
        kept = {
            "moment": format_utc(recorder.since_utc_s),
            "account": recorder.account,
            "process": recorder.pid,
        }
        match recorder.kind:
            case RecorderKind.SERVICE:
                say(tr("A service records since {moment} (account {account}, process {process}).", **kept))
            case RecorderKind.COMMAND:
                say(tr("A command records since {moment} (account {account}, process {process}).", **kept))
            case RecorderKind.BACKGROUND:
                say(
                    tr(
                        "Recorded in the background since {moment} (account {account}, process {process}).",
                        **kept,
                    )
                )
            case RecorderKind.WINDOW:
                say(tr("A window records since {moment} (account {account}, process {process}).", **kept))
    if status is not None:
        print_table(
            (
                tr("camera"),
                tr("state"),
                tr("fps in"),
                tr("analysed"),
                tr("lost"),
                tr("delay"),
                tr("reconnects"),
            ),
            [
                (
                    camera.camera,
                    translate(camera.state.value),
                    f"{camera.fps_in:.1f}",
                    f"{camera.fps_analysed:.1f}",
                    f"{camera.fps_dropped:.1f}",
                    "–" if camera.age_s is None else f"{camera.age_s:.2f} s",
                    camera.reconnects,
                )
                for camera in status.cameras
            ],
        )
        for trouble in list_troubles(status):
            say(trouble)
    elif recorder is not None:
        say(tr("Its account shares nothing with yours: join the group of that name, or ask root."))
    if not found.samples:
        say(tr("There is no measurement of the last {hours:g} h.", hours=hours))
        return
    print_table(
        (tr("last {hours:g} h", hours=hours), tr("least"), tr("median"), tr("most"), tr("last")),
        list(_list_rows(found.samples)),
    )


def _list_rows(samples: Sequence[HealthSample]) -> list[tuple[str, ...]]:
    def row(
        name: str, read: Callable[[HealthSample], float | None], form: Callable[[float], str]
    ) -> tuple[str, ...]:
        from app.operations.recorder_health import measure_spread

        spread, last = measure_spread([read(sample) for sample in samples]), read(samples[-1])
        if spread is None:
            return name, "–", "–", "–", "–"
        return (
            name, form(spread.least), form(spread.median), form(spread.most),
            "–" if last is None else form(last),
        )  # fmt: skip

    def camera_row(name: str) -> tuple[str, ...]:
        def read(sample: HealthSample) -> float | None:
            return next((c.fps_analysed for c in sample.cameras if c.camera == name), None)

        return row(tr("analysed, {camera}", camera=name), read, lambda v: f"{v:.1f}/s")

    def delay_row(name: str) -> tuple[str, ...]:
        def read(sample: HealthSample) -> float | None:
            return next((c.latency_s for c in sample.cameras if c.camera == name), None)

        return row(tr("delay, {camera}", camera=name), read, lambda v: f"{v:.2f} s")

    names = sorted({camera.camera for sample in samples for camera in sample.cameras})
    return [
        *(camera_row(name) for name in names),
        *(delay_row(name) for name in names),
        row(tr("age of what is on disk"), lambda s: s.write_lag_s, lambda v: f"{v:.1f} s"),
        row(tr("pictures under way"), lambda s: s.pictures_under_way, lambda v: f"{v:.0f}"),
        row(tr("positions that wait"), lambda s: s.waiting_points, lambda v: f"{v:.0f}"),
        row(tr("processor, whole machine"), lambda s: s.cpu_share, format_share),
        row(tr("processor, recorder (cores)"), lambda s: s.recorder_cpu_cores, lambda v: f"{v:.2f}"),
        row(tr("memory, recorder"), lambda s: s.recorder_memory_bytes, lambda v: f"{v / MEGABYTE:.0f} MB"),
        row(tr("memory, free"), lambda s: s.memory_free_bytes, lambda v: f"{v / MEGABYTE:.0f} MB"),
        row(tr("disk, free"), lambda s: s.disk_free_bytes, lambda v: f"{v / GIGABYTE:.1f} GB"),
        *(
            row(
                gpu.name,
                lambda s, name=gpu.name: next((g.share for g in s.gpus if g.name == name), None),  # type: ignore[misc]
                format_share,
            )
            for gpu in samples[-1].gpus
        ),
    ]
