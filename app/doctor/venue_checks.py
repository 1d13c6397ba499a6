"""Check a venue's plan, history, recent log and other writers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from analytics.domain.clock import Clock
from analytics.domain.errors import CalibrationError, DamagedStoreError, Phrase, StoreError
from analytics.domain.event_sink import CameraEventKind
from analytics.metrics.low_counts import find_low_counts
from analytics.store.sql_event_store import open_reader
from analytics.store.writer_lease import LOCK_NAME, WriterLease
from app.core.change_set import Part
from app.core.check_results import CheckResult, Fix, GeometryFault, Topic, Verdict
from app.core.document import Venue
from app.plan.geometry_check import check_geometry
from app.plan.geometry_replay import read_recent_tracks

WATCHED_S = 600.0
"""Duration of checked tracks: enough to see where people stand, and read within a second."""
LOGGED_S = 86400.0
OFTEN_LOST = 3
"""Daily losses that count as frequent; a camera restarted every morning is lost once a day."""


def check_plan(venue: Venue) -> Iterator[CheckResult]:
    """Check zones, lines and obstacles against the newest minutes of the history.

    Raises:
        StoreError: the history cannot be read.
    """
    geometry = venue.geometry_at(None)
    recent = read_recent_tracks(venue, last_s=WATCHED_S)
    try:
        watched = None if recent is None else recent.watch(venue, geometry)
    except CalibrationError:
        # the check itself reports the camera; without fields of view, visitors cannot be told apart
        watched = None
    found = check_geometry(venue, geometry=geometry, watched=watched)
    for finding in found:
        yield _convert_geometry_fault(finding)
    count = len(geometry.zones) + len(geometry.lines)
    if not count:
        yield CheckResult(
            "nothing-drawn",
            Topic.GEOMETRY,
            Verdict.WARNING,
            Phrase("zones and lines"),
            Phrase("none defined: there will be no visits and no crossings"),
            Phrase("Draw a zone around each stand and a line across each door, or import them."),
            Fix.EDIT_PLAN,
        )
    elif all(finding.part == Part.CAMERAS for finding in found):
        yield CheckResult(
            "plan",
            Topic.GEOMETRY,
            Verdict.OK,
            Phrase("zones and lines"),
            Phrase("{count} checked, no faults", {"count": count}),
        )


def check_writers(venue: Venue, *, clock: Clock) -> Iterator[CheckResult]:
    """Check whether another program is writing the venue's history."""
    if not (venue.folder / LOCK_NAME).exists():
        return
    try:
        WriterLease.acquire(venue.folder, clock=clock).release()
    except StoreError as error:
        yield CheckResult(
            "another-writer",
            Topic.MACHINE,
            Verdict.WARNING,
            Phrase("history"),
            Phrase(error.problem_template, error.details),
            Phrase("No action is needed if that recording is intended; only one program can record a venue."),
        )
    except OSError:
        # an unwritable folder is reported with the disk
        return


def check_stored(venue: Venue) -> Iterator[CheckResult]:
    """Check that the history's database and track files are present, by quick checks of both ends.

    ``venue check --history`` reads all of them.

    Raises:
        StoreError: the history cannot be read.
    """
    if not venue.has_history:
        return
    try:
        reader = open_reader(venue.folder)
    except DamagedStoreError as error:
        yield CheckResult(
            "history-damaged",
            Topic.DISK,
            Verdict.FAILED,
            Phrase("history"),
            Phrase(error.problem_template, error.details),
            Phrase(error.remedy_template, error.details),
        )
        return
    try:
        lost = reader.find_lost_tracks()
    finally:
        reader.close()
    if lost is not None:
        yield CheckResult(
            "tracks-lost",
            Topic.DISK,
            Verdict.WARNING,
            Phrase("history"),
            lost.describe(),
            Phrase(
                "Restore copies if you have any, or run: python -m app venue repair {folder}",
                {"folder": str(venue.folder)},
            ),
        )


def check_log(venue: Venue, *, now_utc_s: float) -> Iterator[CheckResult]:
    """Check the camera events of the last day in the recording's log.

    Raises:
        StoreError: the history cannot be read.
    """
    if not venue.has_history:
        return
    reader = open_reader(venue.folder)
    try:
        log = reader.read_events(now_utc_s - LOGGED_S, now_utc_s)
    finally:
        reader.close()
    counts: Counter[tuple[str, str]] = Counter()
    for camera, kind, count in zip(log["camera"], log["kind"], log["count"], strict=True):
        counts[camera, kind] += count
    low_shares = {
        str(one.camera): one.share for one in find_low_counts(log, (now_utc_s - LOGGED_S, now_utc_s))
    }
    for name in venue.camera_names:
        if name in low_shares:
            yield _make_log_result(
                "low-count",
                name,
                Phrase(
                    "about {percent} % of the people in view were probably not counted, because they sit or "
                    "are half hidden",
                    {"percent": round(100 * low_shares[name])},
                ),
                Phrase(
                    "Mount the camera higher, so that people hide each other less, or use a larger network."
                ),
            )
        lost = counts[name, CameraEventKind.LOST]
        if lost >= OFTEN_LOST:
            yield _make_log_result(
                "often-lost",
                name,
                Phrase("lost {count} times in the last 24 hours", {"count": lost}),
                Phrase("Check its cable, power and network; missed time is recorded as a gap."),
            )
        dropped = counts[name, CameraEventKind.DROPPED]
        if dropped:
            yield _make_log_result(
                "frames-dropped",
                name,
                Phrase("{count} frames were dropped in the last 24 hours", {"count": dropped}),
                Phrase("Analyse fewer frames per second, use a sub-stream, or use a faster machine."),
            )
        if counts[name, CameraEventKind.CLOCK_SET_BACK]:
            yield _make_log_result(
                "clock-set-back",
                name,
                Phrase("the clock was set back during the recording"),
                Phrase("Synchronise this machine's clock over the network (NTP)."),
            )


def _make_log_result(rule: str, name: str, detail: Phrase, remedy: Phrase) -> CheckResult:
    subject = Phrase("camera {name}", {"name": name})
    return CheckResult(rule, Topic.CAMERAS, Verdict.WARNING, subject, detail, remedy, name=name)


def _convert_geometry_fault(finding: GeometryFault) -> CheckResult:
    is_camera = finding.part == Part.CAMERAS
    return CheckResult(
        finding.rule,
        Topic.CAMERAS if is_camera else Topic.GEOMETRY,
        finding.verdict,
        finding.subject,
        finding.problem,
        finding.remedy,
        Fix.CALIBRATE if is_camera else Fix.EDIT_PLAN,
        finding.name,
        finding.part,
    )
