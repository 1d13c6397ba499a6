"""A hall's folder at the hub, which every page, command and job of the site opens as a venue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from datetime import time as clock_time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from analytics.domain.errors import StoreError
from analytics.store.history_folder import open_on_server
from analytics.store.sql_event_store import open_reader, open_store
from app.__main__ import _open_server_history
from app.access.guard import clear_actors
from app.core.credentials import CredentialStore, open_credential_store
from app.core.file_format import read_venue, write_venue
from app.facts.prepared_facts import prepare_facts
from app.plan.edit_geometry import AddShape
from app.plan.saved_edits import save_edit
from app.reports.schedule_file import Rhythm, Schedule, Schedules, Target, write_schedules
from app.site.hall_jobs import HallJobs, request_job, stop_job
from app.site.hub_folder import write_hall_folders
from app.site.hub_writer import HUB_DUTY, RETAIN_EVERY_S, HubWriter
from app.site.jobs import PREPARE, REPORT, UNFINISHED, JobWorker, Work, create_queue, list_jobs
from app.site.join import create_site, leave_site, read_changes, synchronise
from app.site.leases import hold_duty
from app.site.schema import SiteError
from app.site.site_document import open_site, parse_address, require_membership
from app.site.site_status import read_status
from tests.support.halls.builder import box, zone
from tests.support.servers.postgres_server import PostgresServer
from tests.support.servers.two_halls import NORTH, store_a_minute
from tests.support.waiting import wait_until
from tests.unit.analytics.store.store_contents import NINE_S, FakeClock
from tests.unit.app.core.venues import make_full_venue


@pytest.fixture
def store(home: Path) -> CredentialStore:
    return open_credential_store()


@pytest.fixture
def venue_folder(postgres_server: PostgresServer, store: CredentialStore, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "fair.expoflow"
    folder.mkdir()
    (folder / "plan.png").write_bytes(b"a picture")
    write_venue(make_full_venue(folder))
    create_site(
        folder,
        address=parse_address(postgres_server.make_database()),
        name="Fair",
        hall="Hall 1",
        machine="anna",
        store=store,
    )
    synchronise(folder, store=store)
    yield folder
    clear_actors()


@pytest.fixture
def server(venue_folder: Path, store: CredentialStore) -> Iterator[Engine]:
    engine = open_site(require_membership(venue_folder), store=store)
    yield engine
    engine.dispose()


def write_hub(venue_folder: Path, tmp_path: Path, store: CredentialStore) -> Path:
    (hall,) = write_hall_folders(venue_folder, tmp_path / "hub", store=store)
    return hall.folder


def test_a_hall_is_a_venue_with_the_sites_settings_and_the_servers_history(
    venue_folder: Path, server: Engine, store: CredentialStore, tmp_path: Path
) -> None:
    membership = require_membership(venue_folder)
    folder = write_hub(venue_folder, tmp_path, store)
    there, here = read_venue(folder), read_venue(venue_folder)
    assert (there.exhibition, there.camera_names) == (here.exhibition, here.camera_names)
    # by the machine's own database user, which creates the history's tables for all machines
    store_a_minute(venue_folder, server, membership.site_id, membership.machine_id)
    hub = HubWriter(server, tmp_path / "hub")
    with server.begin() as connection:
        epoch = hold_duty(connection, HUB_DUTY, membership.machine_id)
    assert epoch is not None
    assert hub.fold_all(owner=membership.machine_id, epoch=epoch) > 0
    hub.close()
    with pytest.raises(StoreError, match="on a server"):
        open_reader(folder)
    open_on_server[:] = [_open_server_history]
    try:
        reader = open_reader(folder)
        assert len(reader.read_tracks()) == 60
        assert reader.read_spans()["camera"].tolist() == [NORTH]
        reader.close()
    finally:
        open_on_server.clear()


def test_the_hub_keeps_track_points_as_long_as_the_hall_wants(
    venue_folder: Path, server: Engine, store: CredentialStore, tmp_path: Path
) -> None:
    membership = require_membership(venue_folder)
    venue = read_venue(venue_folder)
    write_venue(replace(venue, settings=replace(venue.settings, tracks_kept_days=7)))
    synchronise(venue_folder, store=store)
    folder = write_hub(venue_folder, tmp_path, store)
    store_a_minute(venue_folder, server, membership.site_id, membership.machine_id)
    clock = FakeClock(NINE_S + 3600)
    hub = HubWriter(server, tmp_path / "hub", clock=clock)
    open_on_server[:] = [_open_server_history]
    try:
        for moved_s, kept in ((0.0, 1), (9 * 86_400.0, 1), (0.0, 0)):
            clock.now_s += moved_s
            with server.begin() as connection:
                epoch = hold_duty(connection, HUB_DUTY, membership.machine_id)
            assert epoch is not None
            hub.fold_all(owner=membership.machine_id, epoch=epoch)
            assert len(list((folder / "tracks").rglob("*.parquet"))) == kept
            if moved_s:
                # its days are not prepared yet
                prepare_facts(venue=read_venue(folder), clock=clock)
                clock.now_s += RETAIN_EVERY_S
    finally:
        open_on_server.clear()
        hub.close()


def test_a_change_of_the_halls_settings_arrives_in_its_folder(
    venue_folder: Path, server: Engine, store: CredentialStore, tmp_path: Path
) -> None:
    folder = write_hub(venue_folder, tmp_path, store)
    venue = read_venue(venue_folder)
    write_venue(replace(venue, exhibition=replace(venue.exhibition, name="Another name")))
    synchronise(venue_folder, store=store)
    write_hub(venue_folder, tmp_path, store)
    assert read_venue(folder).exhibition.name == "Another name"

    # and one that is made there, on the machine that opened the hall
    save_edit(folder, AddShape(zone("B1", box(10, 10, 12, 12))))
    assert synchronise(folder, store=store).sent == ("zones//B1",)
    synchronise(venue_folder, store=store)
    assert read_venue(venue_folder).geometry_versions == read_venue(folder).geometry_versions
    assert read_venue(folder).name == "Hall 1"
    with pytest.raises(StoreError, match="The history of 'Hall 1' is written by the machines of the site"):
        open_store(folder)
    with pytest.raises(SiteError, match="not the venue of this machine"):
        leave_site(folder, store=store)
    assert next(one.author for one in read_changes(folder, store=store)) == "anna"


@pytest.fixture
def hall_folder(venue_folder: Path, server: Engine, store: CredentialStore, tmp_path: Path) -> Iterator[Path]:
    """A hall's folder with a minute of history."""
    membership = require_membership(venue_folder)
    folder = write_hub(venue_folder, tmp_path, store)
    store_a_minute(venue_folder, server, membership.site_id, membership.machine_id)
    hub = HubWriter(server, tmp_path / "hub")
    with server.begin() as connection:
        epoch = hold_duty(connection, HUB_DUTY, membership.machine_id)
    assert epoch is not None
    hub.fold_all(owner=membership.machine_id, epoch=epoch)
    hub.close()
    open_on_server[:] = [_open_server_history]
    yield folder
    open_on_server.clear()


@pytest.fixture
def jobs(venue_folder: Path, hall_folder: Path, server: Engine, store: CredentialStore) -> HallJobs:
    clock = FakeClock(NINE_S + 2 * 86_400)
    return HallJobs(server, venue_folder, hall_folder.parent, store=store, clock=clock)


def do_jobs(server: Engine, kinds: Mapping[str, Work]) -> None:
    """Do every job that waits."""
    worker = JobWorker(server, "anna", kinds)
    worker.start()
    try:
        wait_until(lambda: not any(job.status in UNFINISHED for job in list_jobs(server)), 150)
    finally:
        worker.stop()


def test_past_days_are_prepared_once_and_again_after_a_change_of_zones(
    venue_folder: Path, hall_folder: Path, server: Engine, store: CredentialStore, jobs: HallJobs
) -> None:
    for _time in range(2):
        jobs.offer_days()
    assert [(job.kind, job.status) for job in list_jobs(server)] == [(PREPARE, "todo")]
    clock = FakeClock(NINE_S + 2 * 86_400)
    # as the command, which takes long to start
    do_jobs(server, {PREPARE: lambda *_job: prepare_facts(venue=read_venue(hall_folder), clock=clock)})
    jobs.offer_days()
    assert [job.status for job in list_jobs(server)] == ["succeeded"]
    assert list((hall_folder / "rollups").rglob("*.parquet"))

    venue = read_venue(venue_folder)
    added = zone("A2", box(10, 10, 12, 12))
    moved = [replace(one, zones=(*one.zones, added)) for one in venue.geometry_versions]
    write_venue(replace(venue, geometry_versions=tuple(moved)))
    synchronise(venue_folder, store=store)
    jobs.offer_days()
    again = list_jobs(server)[-1]
    assert str(read_status(venue_folder, store=store).jobs[0].title) == "Prepare 2026-11-25"
    assert [job.status for job in list_jobs(server)] == ["succeeded", "todo"]
    # a person who cancels it is not asked again
    stop_job(venue_folder, again.number, store=store)
    jobs.offer_days()
    assert [job.status for job in list_jobs(server)] == ["succeeded", "cancelled"]


@pytest.mark.slow
def test_a_scheduled_report_is_made_by_whichever_machine_is_free_once(
    hall_folder: Path, server: Engine, jobs: HallJobs, tmp_path: Path
) -> None:
    out = tmp_path / "reports"
    out.mkdir()
    schedule = Schedule(
        "Evening", "daily", Rhythm.DAY, clock_time(19), Target.FOLDER, str(out), formats=("html",)
    )
    since = datetime(2026, 11, 25, tzinfo=UTC)
    write_schedules(hall_folder, Schedules((replace(schedule, since_utc=since),)))
    for _time in range(2):
        jobs.offer_reports()
    assert [(job.kind, job.status) for job in list_jobs(server)] == [(REPORT, "todo")]
    do_jobs(server, jobs.kinds)
    assert [file.name for file in out.iterdir()] == ["Evening 2026-11-25.html"]
    jobs.offer_reports()
    assert [job.status for job in list_jobs(server)] == ["succeeded"]


def test_a_job_is_shown_and_cancelled(venue_folder: Path, server: Engine, store: CredentialStore) -> None:
    start_s, end_s = read_venue(venue_folder).exhibition.day_interval_utc(date(2026, 11, 25))
    arguments = {"hall": 1, "start_s": start_s, "end_s": end_s}
    create_queue(server)
    number = request_job(server, PREPARE, arguments)
    assert number is not None
    assert request_job(server, PREPARE, arguments) is None
    (job,) = read_status(venue_folder, store=store).jobs
    assert (str(job.title), job.hall, str(job.state)) == ("Prepare 2026-11-25", "Hall 1", "waiting")
    stop_job(venue_folder, number, store=store)
    assert str(read_status(venue_folder, store=store).jobs[0].state) == "cancelled"
    with pytest.raises(SiteError, match="No job"):
        stop_job(venue_folder, number, store=store)
