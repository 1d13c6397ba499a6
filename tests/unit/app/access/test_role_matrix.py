"""Every role before every operation that changes a venue or takes something out of it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.clock import SystemClock
from analytics.domain.errors import AccessError, ExpoFlowError
from analytics.domain.external_count import CountKind
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.staff_shift import StaffShift
from analytics.domain.timed_event import EventKind, TimedEvent, TimedNote
from analytics.domain.zone import Zone, ZoneKind
from analytics.visitors.false_positives.corrections import NO_CORRECTIONS
from app.access.audit_entries import export_entries, list_entries
from app.access.audit_log import Outcome, read_entries
from app.access.guard import act_as, export_csv_file, export_file
from app.access.roles import PERMISSIONS, ROLES_OF_PEOPLE, Permission, Role
from app.access.users import add_user, change_role, change_secret, remove_user, set_locking
from app.analysis.analyse_recording import analyse_recording
from app.analysis.import_recording import import_recording
from app.analysis.recording_scene import find_venue_scene
from app.analysis.replay_detections import replay_detections
from app.calibration.calibrate_camera import store_calibrations
from app.cameras.edit_masks import RemoveCamera
from app.cameras.new_camera import save_camera_picture
from app.core.credentials import MemoryCredentialStore
from app.core.file_format import read_venue
from app.core.privacy_file import find_privacy
from app.facts.period_export import export_period
from app.findings.finding_decisions import FindingDecision, decide_finding
from app.floor_plan.corrected_period import restore_corrections
from app.integrations.rest.access_tokens import Scope
from app.integrations.rest.rest_settings import add_token
from app.plan.edit_geometry import AddShape
from app.plan.edit_plan import SetStands
from app.plan.edit_venue import (
    add_camera,
    apply_pairs,
    apply_zones,
    choose_model,
    import_calibration,
    import_geometry,
    save_pairs,
    save_zones,
)
from app.plan.geojson import FloorFile
from app.plan.opening_hours import change_hours
from app.plan.saved_edits import save_edit
from app.privacy.edit_privacy import change_privacy
from app.privacy.erase_period import erase_period
from app.reports.export_data import DataOrder, export_data
from app.reports.schedule_file import (
    MailServer,
    Rhythm,
    Schedule,
    Target,
    remove_schedule,
    save_schedule,
    set_mail_server,
)
from app.timeline.counts_store import CountSource, delete_counts, store_counts
from app.timeline.edit_timeline import add_event, add_note, save_shifts
from app.validation.validation_clips import open_clip_store
from app.validation.validation_labels import Consent
from tests.support.command_line import PROJECT
from tests.support.halls.guarded_venue import make_guarded_venue, read_contents, work_as
from vision.detection.detector_choice import DetectorChoice
from vision.sources.frame_source import SourceAddress, SourceKind

PAIRS = (
    PointPair(100, 100, 0, 10),
    PointPair(1200, 100, 10, 10),
    PointPair(1200, 600, 10, 0),
    PointPair(100, 600, 0, 0),
)
CAMERA = CameraId("camera 1")
STAND = Zone(
    ZoneId("Stand"),
    ZoneKind.BOOTH,
    Polygon.from_points([(1, 1), (4, 1), (4, 4), (1, 4)], what="zone 'Stand'"),
)
DAILY = Schedule("Evening", "daily", Rhythm.DAY, time(19), Target.FOLDER, "/srv/reports")
DAY_S = (1_790_000_000.0, 1_790_086_400.0)

Action = Callable[[Path, Path], object]
"""Takes the venue's folder, and a folder for what is exported."""


def export_sets(folder: Path, out: Path, data_set: str) -> object:
    from analytics.results.data_sets import DataSet
    from analytics.results.row_files import RowFormat

    order = DataOrder((DataSet(data_set),), DAY_S, may_be_personal=True)
    return export_data(read_venue(folder), order, out_folder=out, row_format=RowFormat.CSV)


def analyse(folder: Path, out: Path, *, is_into: bool) -> object:
    """By a camera that is not there: whoever may not is told so first."""
    venue = read_venue(folder)
    scene = find_venue_scene(venue, start_utc_s=DAY_S[0])
    return analyse_recording(
        recording=SourceAddress(SourceKind.VIDEO, str(out.parent / "a.mp4"), start_utc_s=DAY_S[0]),
        # with zones and pairs of files, as a history is extended by
        scene=replace(scene, venue_folder=None) if is_into else scene,
        camera="nobody",
        detector=DetectorChoice(out.parent / "none.xml"),
        out_folder=out,
        into=venue if is_into else None,
        on_progress=lambda _: None,
        should_cancel=lambda: False,
    )


def replay(folder: Path, out: Path) -> object:
    return replay_detections(
        file=out.parent / "a.csv",
        scene=find_venue_scene(read_venue(folder), start_utc_s=None),
        camera=None,
        frame_sizes={},
        fps=None,
        start_utc_s=None,
        out_folder=out,
        into=None,
    )


ACTIONS: dict[str, tuple[Permission, Action]] = {
    "camera saved": (
        Permission.EDIT_CAMERAS,
        lambda folder, _: add_camera(
            folder,
            name="north",
            address="rtsp://192.0.2.8/",
            user=None,
            password=None,
            frame_size_wh=None,
            analysed_fps=None,
            credentials=MemoryCredentialStore(),
        ),
    ),
    "camera removed": (Permission.EDIT_CAMERAS, lambda folder, _: save_edit(folder, RemoveCamera(CAMERA))),
    "camera calibrated": (
        Permission.EDIT_CAMERAS,
        lambda folder, _: store_calibrations(folder, [Camera(CAMERA, pairs=PAIRS)]),
    ),
    "pairs imported": (
        Permission.EDIT_CAMERAS,
        lambda folder, _: import_calibration(folder, {CAMERA: PAIRS}),
    ),
    "pairs taken": (Permission.EDIT_CAMERAS, lambda folder, _: apply_pairs(folder, {CAMERA: PAIRS})),
    "pairs exported": (
        Permission.EDIT_CAMERAS,
        lambda folder, out: save_pairs(read_venue(folder), out / "pairs.csv"),
    ),
    "zone drawn": (Permission.EDIT_PLAN, lambda folder, _: save_edit(folder, AddShape(STAND))),
    "currency set": (Permission.EDIT_PLAN, lambda folder, _: save_edit(folder, SetStands(currency="CNY"))),
    "zones imported": (
        Permission.EDIT_PLAN,
        lambda folder, _: import_geometry(folder, FloorFile(FloorGeometry((STAND,))), valid_from_utc_s=None),
    ),
    "zones taken": (
        Permission.EDIT_PLAN,
        lambda folder, _: apply_zones(folder, FloorFile(FloorGeometry((STAND,))), from_utc_s=None),
    ),
    "zones exported": (
        Permission.EDIT_PLAN,
        lambda folder, out: save_zones(read_venue(folder), out / "zones.geojson"),
    ),
    "corrections": (Permission.EDIT_PLAN, lambda folder, _: restore_corrections(folder, NO_CORRECTIONS)),
    "opening hours": (
        Permission.EDIT_PLAN,
        lambda folder, _: change_hours(folder, [date(2026, 11, 25)], [(time(10), time(18))]),
    ),
    "model chosen": (Permission.CHANGE_SETTINGS, lambda folder, _: choose_model(folder, "yolo11n")),
    "privacy": (Permission.CHANGE_SETTINGS, lambda folder, _: change_privacy(folder, find_privacy(folder))),
    "event": (
        Permission.NOTE,
        lambda folder, _: add_event(folder, TimedEvent("Talk", *DAY_S, None, EventKind.TALK)),
    ),
    "shift": (
        Permission.NOTE,
        lambda folder, _: save_shifts(folder, [StaffShift("Stand", DAY_S[0], DAY_S[0] + 60.0, 2.0)]),
    ),
    "note": (Permission.NOTE, lambda folder, _: add_note(folder, TimedNote(DAY_S[0], "rain"))),
    "finding": (
        Permission.NOTE,
        lambda folder, _: decide_finding(folder, FindingDecision("cold", "Stand", note="moved")),
    ),
    "counts kept": (
        Permission.NOTE,
        lambda folder, _: store_counts(folder, CountSource("till", CountKind.SALES, ())),
    ),
    "counts removed": (Permission.NOTE, lambda folder, _: delete_counts(folder, "till")),
    "schedule": (Permission.SCHEDULE, lambda folder, _: save_schedule(folder, DAILY)),
    "schedule removed": (Permission.SCHEDULE, lambda folder, _: remove_schedule(folder, "Evening")),
    "mail": (
        Permission.SCHEDULE,
        lambda folder, _: set_mail_server(folder, MailServer("mail.example", 587, "", "a@mail.example")),
    ),
    "picture exported": (
        Permission.EXPORT_REPORTS,
        lambda folder, out: export_file(folder, path=out / "chart.png", content=b"picture"),
    ),
    "table exported": (
        Permission.EXPORT_REPORTS,
        lambda folder, out: export_csv_file(folder, path=out / "table.csv", titles=("a",), rows=()),
    ),
    "sums exported": (Permission.EXPORT_REPORTS, lambda folder, out: export_sets(folder, out, "occupancy")),
    "tracks exported": (Permission.EXPORT_PERSONS, lambda folder, out: export_sets(folder, out, "tracks")),
    "period exported": (
        Permission.EXPORT_PERSONS,
        lambda folder, out: export_period(
            venue=read_venue(folder), start_utc_s=None, end_utc_s=None, out_folder=out
        ),
    ),
    "recording analysed": (
        Permission.EXPORT_PERSONS,
        lambda folder, out: analyse(folder, out, is_into=False),
    ),
    "recording analysed into": (
        Permission.EXPORT_PERSONS,
        lambda folder, out: analyse(folder, out, is_into=True),
    ),
    "detections replayed": (Permission.EXPORT_PERSONS, replay),
    "picture saved": (
        Permission.EXPORT_PERSONS,
        lambda folder, out: save_camera_picture(folder, CAMERA, out / "a.png", b"picture"),
    ),
    "clips allowed": (
        Permission.VALIDATE,
        lambda folder, _: open_clip_store(
            folder, Consent("Ann", DAY_S[0]), in_file=False, clock=SystemClock()
        ).close(),
    ),
    "token": (Permission.INTEGRATE, lambda folder, _: add_token(folder, "wall", frozenset({Scope.NOW}))),
    "user added": (
        Permission.ADMINISTER_USERS,
        lambda folder, _: add_user(folder, name="Eve", role=Role.STAFF, secret="483920"),
    ),
    "user removed": (Permission.ADMINISTER_USERS, lambda folder, _: remove_user(folder, "staff")),
    "role": (Permission.ADMINISTER_USERS, lambda folder, _: change_role(folder, "staff", Role.MANAGER)),
    "password": (Permission.ADMINISTER_USERS, lambda folder, _: change_secret(folder, "staff", "483920")),
    "locking": (Permission.ADMINISTER_USERS, lambda folder, _: set_locking(folder, lock_after_min=5)),
    "erased": (Permission.ERASE, lambda folder, _: erase_period(read_venue(folder), DAY_S)),
    "audit read": (Permission.SEE_AUDIT, lambda folder, _: list_entries(folder)),
    "audit exported": (
        Permission.SEE_AUDIT,
        lambda folder, out: export_entries(folder, out / "audit.csv"),
    ),
}
ROLES = (*ROLES_OF_PEOPLE, Role.SERVICE, Role.WALL)


@pytest.mark.parametrize("name", ACTIONS)
def test_each_role_does_what_it_may_and_nothing_else(name: str, tmp_path: Path) -> None:
    permission, act = ACTIONS[name]
    folder, out = make_guarded_venue(tmp_path).folder, tmp_path / "out"
    out.mkdir()
    before = read_contents(folder)
    for role in (role for role in ROLES if permission not in PERMISSIONS[role]):
        work_as(folder, role)
        with pytest.raises(AccessError, match=f"role '{role.value}' does not permit"):
            act(folder, out)
        assert read_contents(folder) == before
        entries = read_entries(folder)
        assert (entries[-1].role, entries[-1].outcome) == (role.value, Outcome.REFUSED)
    act_as(folder, None)
    with pytest.raises(AccessError, match="No user is signed in"):
        act(folder, out)
    assert read_contents(folder) == before
    assert not list(out.iterdir())
    for role in (role for role in ROLES if permission in PERMISSIONS[role]):
        work_as(folder, role)
        try:
            act(folder, out)
        except AccessError:
            raise
        except ExpoFlowError:
            # there is nothing to export or to remove, or it is there already
            continue


def test_every_permission_is_asked_for_by_some_action() -> None:
    asked = {permission for permission, _act in ACTIONS.values()}
    assert set(Permission) - asked == {Permission.SEE_FIGURES, Permission.RECORD}


def test_recordings_are_imported_by_those_who_may_record(tmp_path: Path) -> None:
    venue = make_guarded_venue(tmp_path)
    work_as(venue.folder, Role.WALL)
    with pytest.raises(AccessError, match="start and stop recordings"):
        import_recording(from_folder=tmp_path, into=venue, file=tmp_path / "a.mp4", cameras=(), start_utc_s=0)


def test_what_was_changed_is_named(tmp_path: Path) -> None:
    folder = make_guarded_venue(tmp_path).folder
    work_as(folder, Role.ADMINISTRATOR)
    save_edit(folder, AddShape(STAND))
    save_edit(folder, RemoveCamera(CAMERA))
    choose_model(folder, "yolo11n")
    entries = read_entries(folder)
    assert [dict(entry.what) for entry in entries] == [
        {"zones added": "Stand"},
        {"cameras removed": "camera 1"},
        {"setting model_name": "yolo11n-int8 -> yolo11n"},
    ]
    assert {entry.user for entry in entries} == {"administrator"}


WRITERS = {
    "write_venue",
    "write_timeline",
    "write_schedules",
    "write_decisions",
    "write_source",
    "write_access",
}
WRITERS_OF_FILES = {"core", "gui", "access"}
"""Rooms that hold what is asked about, or ask for all of it."""
WITHOUT = {"ready_venue", "unarchive_venue", "settings_sync", "hub_folder"}
"""The first two make a venue of their own; the others bring what was permitted on another machine."""


def test_no_operation_writes_a_venue_without_asking() -> None:
    """By the source: who takes the venue's lock or writes its files also names the guard."""
    found = {}
    rooms = sorted(path.parent for path in (PROJECT / "app").glob("*/__init__.py"))
    for file in (
        file for room in rooms if room.name not in WRITERS_OF_FILES for file in sorted(room.glob("*.py"))
    ):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
        }
        if names & (WRITERS | {"locks_venue", "lock_venue"}):
            found[file.stem] = bool(names & {"changes_venue", "changing", "doing"})
    assert len(found) >= 8
    assert {name for name, asks in found.items() if not asks} <= WITHOUT
