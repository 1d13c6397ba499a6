"""What the doctor finds in a venue and a recording, in which order, and what of it leaves the machine."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from analytics.domain.clock import SystemClock
from analytics.domain.errors import Phrase, StoreError
from analytics.domain.event_sink import CameraEvent, CameraEventKind
from analytics.domain.history_condition import HistoryCondition, HistoryMode
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.uncounted_people import UncountedPeople
from analytics.domain.zone import Zone, ZoneKind
from analytics.store.sql_event_store import open_store
from analytics.store.writer_lease import WriterLease
from app.cameras import camera_check
from app.cameras.camera_check import check_cameras
from app.core.check_results import CheckResult, Fix, Topic, Verdict, sort_results
from app.core.credentials import MemoryCredentialStore
from app.core.document import Venue, VenueCamera
from app.core.file_format import write_venue
from app.core.job import JobCancelled, JobContext
from app.doctor import diagnosis
from app.doctor.diagnosis import Examination, check_capacity, check_disk, diagnose
from app.doctor.doctor_report import format_report
from app.doctor.finding_lines import diagnose_in_child, pack_finding, unpack_finding
from app.doctor.venue_checks import check_log, check_plan, check_writers
from app.plan.edit_venue import create_hall
from app.recording.recording_checks import check_recording
from resources.translations import load_translations
from tests.support.halls.moved_venue import make_moved_venue, make_moved_view
from tests.support.windows.scripted_monitor import make_status
from vision.pipeline.camera_lane import NOT_CALIBRATED
from vision.pipeline.messages import CameraState
from vision.pipeline.pipeline_status import PipelineStatus, ProcessStatus
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.source_faults import SourceFault, make_source_error

NOW_S = 1_764_061_200.0
SECRET = "rtsp://viewer:s3cret-word@192.0.2.7/stream?password=s3cret-word"


def by_rule(findings: object) -> dict[str, CheckResult]:
    return {finding.rule: finding for finding in findings}  # type: ignore[attr-defined]


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("free_bytes", "verdict", "fix"),
    [(300 * 250e6, Verdict.OK, Fix.NOTHING), (2 * 250e6, Verdict.WARNING, Fix.OPEN_FOLDER)],
)
def test_a_disk_is_judged_by_the_days_that_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_bytes: float, verdict: Verdict, fix: Fix
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(0, 0, int(free_bytes)))
    (finding,) = check_disk(tmp_path / "not" / "yet")
    assert (finding.verdict, finding.fix, finding.name) == (verdict, fix, str(tmp_path))


def test_a_plan_tells_of_the_zone_that_nobody_sees(tmp_path: Path) -> None:
    venue = make_moved_venue(tmp_path)
    outline = venue.geometry_at(None).zones[0].outline
    far = dataclasses.replace(outline, points=tuple((x + 500, y) for x, y in outline.points))
    zone = Zone(ZoneId("far"), ZoneKind.BOOTH, far)
    found = by_rule(check_plan(dataclasses.replace(venue, geometry_versions=(
        dataclasses.replace(venue.geometry_at(None), zones=(zone,)),
    ))))  # fmt: skip
    finding = found["zone-outside-plan"]
    assert (finding.topic, finding.fix, finding.part, finding.name) == (
        Topic.GEOMETRY,
        Fix.EDIT_PLAN,
        "zones",
        "far",
    )


def test_a_plan_on_which_nothing_is_drawn_leads_to_the_editor(tmp_path: Path) -> None:
    venue = create_hall(tmp_path / "v.expoflow", name="V", time_zone="UTC", size_m=(4, 3))
    (finding,) = check_plan(venue)
    assert (finding.rule, finding.fix, finding.name) == ("nothing-drawn", Fix.EDIT_PLAN, "")


def test_the_log_of_a_day_is_counted_by_camera(tmp_path: Path) -> None:
    venue = make_moved_venue(tmp_path)
    write_venue(venue)
    assert list(check_log(venue, now_utc_s=NOW_S)) == []
    writer = open_store(venue.folder, clock=SystemClock())
    door = CameraId("door")
    for age_s, kind, count in (
        (60, CameraEventKind.LOST, 1),
        (50, CameraEventKind.LOST, 2),
        (40, CameraEventKind.DROPPED, 70),
        (30, CameraEventKind.CLOCK_SET_BACK, 1),
        (90_000, CameraEventKind.DROPPED, 1000),
    ):
        writer.write_event(CameraEvent(NOW_S - age_s, door, kind, "", count))
    writer.write_event(UncountedPeople(door, NOW_S - 700, NOW_S - 100, 7.0, 3.0).to_event())
    writer.close()
    found = by_rule(check_log(venue, now_utc_s=NOW_S))
    assert str(found["low-count"].detail).startswith("about 30 % of the people in view were probably not")
    assert str(found["often-lost"].detail) == "lost 3 times in the last 24 hours"
    assert str(found["frames-dropped"].detail) == "70 frames were dropped in the last 24 hours"
    assert "clock-set-back" in found


def test_another_program_that_records_is_told(tmp_path: Path) -> None:
    venue = create_hall(tmp_path / "v.expoflow", name="V", time_zone="UTC", size_m=(4, 3))
    clock = SystemClock()
    assert list(check_writers(venue, clock=clock)) == []
    lease = WriterLease.acquire(venue.folder, clock=clock)
    (finding,) = check_writers(venue, clock=clock)
    assert finding.verdict is Verdict.WARNING
    assert "has been in use by process" in str(finding.detail)
    lease.release()
    assert list(check_writers(venue, clock=clock)) == []


def test_a_refused_password_leads_to_the_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_check, "open_credential_store", MemoryCredentialStore)

    def refuse(*_arguments: object) -> None:
        raise make_source_error(SourceFault.WRONG_PASSWORD, camera="door", location=SECRET)

    monkeypatch.setattr(camera_check, "open_source", refuse)
    (finding,) = check_cameras(with_stream(make_moved_venue(tmp_path)), timeout_s=1.0)
    assert (finding.rule, finding.verdict, finding.fix) == (
        "wrong-password",
        Verdict.FAILED,
        Fix.ENTER_PASSWORD,
    )


def with_stream(venue: Venue) -> Venue:
    camera = venue.camera("door").camera
    return venue.with_camera(VenueCamera(camera, SourceAddress(SourceKind.RTSP, "rtsp://192.0.2.7/stream")))


@pytest.mark.parametrize(("skew_s", "is_told"), [(None, False), (1.5, False), (-3600.0, True)])
def test_a_clock_that_is_far_off_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, skew_s: float | None, is_told: bool
) -> None:
    monkeypatch.setattr(camera_check, "open_credential_store", MemoryCredentialStore)
    monkeypatch.setattr(camera_check, "_read_first_picture", lambda *_arguments: ((640, 480), 0.5))
    monkeypatch.setattr(camera_check, "measure_clock_skew", lambda *_arguments, **_options: skew_s)
    found = by_rule(check_cameras(with_stream(make_moved_venue(tmp_path)), timeout_s=1.0))
    assert found["picture"].verdict is Verdict.OK
    assert ("clock" in found) is is_told
    if is_told:
        assert str(found["clock"].detail) == "its clock differs from this machine's by -3600 s"


def test_what_the_recording_knows_of_its_cameras() -> None:
    lost = make_source_error(SourceFault.WRONG_PASSWORD, camera="b", location="x")
    status = PipelineStatus(
        cameras=(
            make_status("a", dropped=100, reconnects=4),
            make_status("b", CameraState.REFUSED, error=lost),
            make_status("c", detail=NOT_CALIBRATED),
            make_status("d", view=make_moved_view()),
            make_status("e", CameraState.QUARANTINED),
        ),
        processes=(ProcessStatus("inference", 1, 5.0, 2, False, ""),),
        history=HistoryCondition(HistoryMode.THINNED, 900 * 2**20),
    )
    told = {(finding.name, finding.rule): finding for finding in check_recording(status, calibrated=["c"])}
    assert str(told["a", "frames-dropped"].detail).startswith("100 of 400 frames")
    assert str(told["a", "reconnected"].detail).startswith("reconnected 4 times")
    assert told["b", "wrong-password"].fix is Fix.ENTER_PASSWORD
    assert told["c", "calibrated-since"].fix is Fix.RESTART_RECORDING
    assert "calibrated-since" not in {f.rule for f in check_recording(status, calibrated=[])}
    assert told["d", "view-moved"].fix is Fix.SHOW_VIEW
    assert told["e", "camera-quarantined"].fix is Fix.CONNECT_AGAIN
    assert "crash" in str(told["e", "camera-quarantined"].detail)
    assert told["", "history-condition"].verdict is Verdict.WARNING
    assert "nearly full (900 MiB left)" in str(told["", "history-condition"].detail)
    assert told["", "process-restarted"].verdict is Verdict.WARNING
    assert sort_results(tuple(told.values()))[0].verdict is Verdict.FAILED


def test_a_check_that_fails_itself_is_a_finding_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Iterator[CheckResult]:
        raise StoreError("The {thing} is broken.", "Fix it.", thing="list")

    for name in ("check_python", "check_processor", "check_decoders", "check_keyring"):
        monkeypatch.setattr(diagnosis, name, lambda: iter(()))
    for name in ("check_devices", "check_capacity"):
        monkeypatch.setattr(diagnosis, name, lambda **_options: iter(()))
    monkeypatch.setattr(diagnosis, "check_models", fail)
    progress: list[tuple[float, float]] = []
    found = list(
        diagnose(Examination(tmp_path), on_progress=lambda done, total: progress.append((done, total)))
    )
    assert [finding.rule for finding in found] == ["shared-memory", "check-failed", "disk-room"]
    assert str(found[1].detail) == "The list is broken."
    assert (progress[0], progress[-1]) == ((0, 9), (9, 9))


@pytest.mark.slow
def test_more_cameras_than_the_machine_carries_are_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "MEASURED_S", 0.4)
    (enough,) = check_capacity(cameras=1, clock=SystemClock())
    (short,) = check_capacity(cameras=10_000, clock=SystemClock())
    assert (enough.verdict, short.verdict) == (Verdict.OK, Verdict.WARNING)
    assert isinstance(enough.detail, Phrase)
    assert 1 <= int(str(enough.detail.fields["cameras"])) < 10_000


def make_finding(**fields: object) -> CheckResult:
    usual: dict[str, object] = {
        "rule": "not-found",
        "topic": Topic.CAMERAS,
        "verdict": Verdict.FAILED,
        "subject": Phrase("camera {name}", {"name": "door"}),
        "detail": Phrase(
            "Camera '{camera}' has no stream at {location}.", {"camera": "door", "location": SECRET}
        ),
        "remedy": Phrase("Clean or uncover its lens."),
    }
    return CheckResult(**{**usual, **fields})  # type: ignore[arg-type]


def test_a_finding_reaches_another_process_whole_and_without_a_password() -> None:
    phrase = Phrase("the camera has no usable picture: {cause}", {"cause": Phrase("it is dark")})
    finding = make_finding(detail=phrase, fix=Fix.CALIBRATE, name="door", part="zones")
    assert unpack_finding(json.loads(json.dumps(pack_finding(finding)))) == finding
    packed = json.dumps(pack_finding(make_finding()))
    assert "s3cret-word" not in packed
    assert "192.0.2.7" in packed


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_report_holds_no_password_in_any_language(language: str) -> None:
    text = format_report(
        [make_finding(verdict=Verdict.OK), make_finding(topic=Topic.DISK, subject=Phrase("disk"))],
        at_utc_s=NOW_S,
        venue="Fair",
        translate=load_translations(language).gettext,
    )
    assert "s3cret-word" not in text
    assert "192.0.2.7" in text
    assert ("Clean or uncover its lens." in text) is (language == "en")
    assert text.index("[passed]" if language == "en" else "[通过]") < text.index(
        "[failed]" if language == "en" else "[不可用]"
    )


def test_findings_of_a_child_come_one_by_one_and_can_be_cancelled(tmp_path: Path) -> None:
    venue = create_hall(tmp_path / "v.expoflow", name="V", time_zone="UTC", size_m=(4, 3))
    found: list[CheckResult] = []
    context = JobContext(is_cancelled=lambda: len(found) > 0)
    with pytest.raises(JobCancelled):
        diagnose_in_child(
            context,
            venue=venue.folder,
            opens_cameras=False,
            view_s=0.0,
            camera_timeout_s=1.0,
            on_finding=found.append,
        )
    assert found[0].rule == "python"


def test_lost_weights_fail_with_a_way_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    class Listed(NamedTuple):
        name: str
        state: str
        path: Path | None

    monkeypatch.setattr(
        "app.maintenance.model_library.list_models",
        lambda **_options: [
            Listed("yolo26n", "missing", Path("/gone")),
            Listed("yolo11n", "not fetched", None),
        ],
    )
    (missing,) = diagnosis.check_models()
    assert (missing.rule, missing.verdict, missing.fix) == (
        "model-missing",
        Verdict.FAILED,
        Fix.CHOOSE_MODEL,
    )
    assert "models get" in missing.remedy.template
