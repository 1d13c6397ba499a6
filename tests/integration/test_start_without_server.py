"""A machine of a site that starts while the server is away: a real server, recorder and stream."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.clock import SystemClock
from analytics.domain.identifiers import CameraId
from app.core.credentials import Credential, make_credential_key, open_credential_store
from app.core.file_format import read_venue, write_venue
from app.recording.announcement import find_recorder
from app.recording.held_cameras import LAST_HELD_NAME, read_held_cameras, write_held_cameras
from app.site import run_machine as run_machine_module
from app.site.hub_merge import Merged, merge_waiting
from app.site.join import create_site, synchronise
from app.site.node_agent import MachineState, NodeAgent
from app.site.run_machine import RecorderControl, run_machine
from app.site.site_document import DatabaseAddress, open_site, parse_address, require_membership
from tests.conftest import LogGuard
from tests.integration.test_recorder_control import count_frames, wait_for_cameras, wait_until
from tests.support.halls.live_hall import PASSWORD, USER, run_live_hall
from tests.support.servers.postgres_server import PostgresServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a recorder of another process group")


class PassingClock(SystemClock):
    """A clock whose time a test lets pass."""

    now_s = 0.0

    def monotonic_s(self) -> float:
        return self.now_s

    def advance(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def address(postgres_server: PostgresServer) -> DatabaseAddress:
    return parse_address(postgres_server.make_database())


@pytest.fixture
def folder(tmp_path: Path, address: DatabaseAddress) -> Iterator[Path]:
    """The venue of a site's machine, with two cameras."""
    with run_live_hall(tmp_path) as folder:
        venue = read_venue(folder)
        first = venue.cameras[0]
        left = replace(first, camera=replace(first.camera, name=CameraId("left")))
        write_venue(replace(venue, cameras=(first, left)))
        assert left.address is not None
        key = make_credential_key(left.address, camera="left")
        open_credential_store().store(key, Credential(USER, PASSWORD))
        create_site(folder, address=address, name="Fair", machine="north", store=open_credential_store())
        synchronise(folder, store=open_credential_store())
        yield folder


@contextmanager
def running_machine(folder: Path) -> Iterator[None]:
    stop = threading.Event()
    machine = threading.Thread(
        target=run_machine, args=(folder,), kwargs={"store": open_credential_store(), "stop_event": stop}
    )
    machine.start()
    try:
        yield
    finally:
        stop.set()
        machine.join()


def test_a_machine_goes_on_with_the_cameras_that_it_held(
    folder: Path, address: DatabaseAddress, postgres_server: PostgresServer, log_guard: LogGuard
) -> None:
    log_guard.expect("The site's .* (waits|goes on)")
    membership = require_membership(folder)
    control = RecorderControl(folder, dict)
    server = open_site(membership, store=open_credential_store())
    with server.begin() as connection:
        held = NodeAgent(membership.machine_id, lambda: MachineState(cores=4)).step(connection)
    control.hold(frozenset(held.names.values()))
    control.close()
    assert find_recorder(folder) is None
    # meanwhile another machine takes one of them over
    for statement in (
        "INSERT INTO site.machine (id, hall, name, public_key) "
        "SELECT 'other', hall, 'other', '' FROM site.machine",
        "UPDATE site.lease SET owner = 'other', epoch = 2, until_utc = now() + interval '1 hour' "
        "FROM site.camera WHERE camera = id AND name = 'left'",
        "INSERT INTO site.ownership (camera, epoch, owner) "
        "SELECT id, 2, 'other' FROM site.camera WHERE name = 'left'",
        "INSERT INTO site.reported_span (hall, machine, camera, start_us, end_us, frames) "
        "SELECT hall, 'other', name, 0, 1::bigint << 60, 9 FROM site.camera WHERE name = 'left'",
    ):
        postgres_server.execute(statement, address.database)
    postgres_server.stop("immediate")
    is_away = True
    try:
        with running_machine(folder):
            before = wait_for_cameras(folder, {"cam", "left"})
            wait_until(lambda: min(count_frames(folder, name) for name in ("cam", "left")) > 5)
            postgres_server.start()
            is_away = False
            assert wait_for_cameras(folder, {"cam"}).pid == before.pid
            leases = postgres_server.execute(
                "SELECT name, owner, epoch FROM site.lease JOIN site.camera ON camera.id = camera",
                address.database,
            )
            assert sorted(leases) == [("cam", membership.machine_id, 1), ("left", "other", 2)]

            def merge() -> Merged:
                with server.connect() as connection:
                    return merge_waiting(connection, membership.hall_id)

            # observed by both, and counted once
            wait_until(lambda: merge().uncounted > 0)
            counted = merge().cameras
            assert {name: {part.machine for part in counted[name].spans} for name in ("cam", "left")} == {
                "cam": {membership.machine_id},
                "left": {"other"},
            }
    finally:
        if is_away:
            postgres_server.start()
        server.dispose()
    assert find_recorder(folder) is None
    # also after an orderly end, but not with what was taken over
    assert read_held_cameras(folder, LAST_HELD_NAME) == {"cam"}


def test_one_refused_login_leaves_the_held_cameras_and_lasting_refusals_do_not(tmp_path: Path) -> None:
    clock = PassingClock()
    control = RecorderControl(tmp_path, dict, clock=clock)
    try:
        write_held_cameras(tmp_path, ["cam"], LAST_HELD_NAME)
        control.go_on(is_shut_out=True)
        clock.advance(run_machine_module.SHUT_OUT_S - 1.0)
        control.go_on(is_shut_out=True)
        assert read_held_cameras(tmp_path, LAST_HELD_NAME) == {"cam"}
        # the server let it in meanwhile
        control.hold(frozenset({"cam"}))
        clock.advance(2.0)
        control.go_on(is_shut_out=True)
        assert read_held_cameras(tmp_path, LAST_HELD_NAME) == {"cam"}
        clock.advance(run_machine_module.SHUT_OUT_S)
        control.go_on(is_shut_out=True)
        assert read_held_cameras(tmp_path, LAST_HELD_NAME) is None
    finally:
        control.hold(frozenset())
        control.close()


def test_a_removed_machine_reads_nothing(
    folder: Path,
    address: DatabaseAddress,
    postgres_server: PostgresServer,
    log_guard: LogGuard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_machine_module, "SHUT_OUT_S", 2.0)
    log_guard.expect("The site's .* (waits|goes on)")
    write_held_cameras(folder, ["cam"], LAST_HELD_NAME)
    machine = require_membership(folder).machine_id
    postgres_server.execute(f"SELECT site.remove_machine('{machine}')", address.database)
    with running_machine(folder):
        wait_until(lambda: read_held_cameras(folder, LAST_HELD_NAME) is None)
    assert read_held_cameras(folder) is None
    assert find_recorder(folder) is None
