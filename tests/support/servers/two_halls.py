"""A site of two halls on a real server, each with one machine; both on one computer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from analytics.domain.event_sink import ObservedSpan
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.store.history_folder import open_on_server
from analytics.store.sql_event_store import open_store
from app.__main__ import _open_server_history
from app.access.guard import clear_actors, set_sign_in_prompt
from app.core.credentials import CredentialStore, open_credential_store
from app.core.file_format import write_venue
from app.site.hub_folder import write_hall_folders
from app.site.hub_writer import HUB_DUTY, HubWriter
from app.site.join import create_site, join_site, make_join_code, synchronise
from app.site.leases import hold_duty
from app.site.node_service import Forwarder
from app.site.run_machine import HallStates
from app.site.site_document import DatabaseAddress, open_site, parse_address, require_membership
from tests.support.servers.postgres_server import PostgresServer
from tests.unit.analytics.store.store_contents import NINE_S, FakeClock
from tests.unit.app.core.venues import make_full_venue

NORTH = CameraId("north")


@dataclass(frozen=True)
class TwoHalls:
    """Two machines, each with a hall, on one computer."""

    north: Path
    south: Path
    hub: Path
    store: CredentialStore
    address: DatabaseAddress

    def sync(self) -> tuple[Path, ...]:
        """Return the folders of the halls at the hub, after an exchange of settings."""
        for folder in (self.north, self.south):
            synchronise(folder, store=self.store)
        halls = write_hall_folders(self.north, self.hub, store=self.store)
        return tuple(one.folder for one in halls)

    def observe(self, folder: Path) -> None:
        """Let a machine observe a minute, and send it."""
        membership = require_membership(folder)
        server = open_site(membership, store=self.store)
        store_a_minute(folder, server, membership.site_id, membership.machine_id)
        server.dispose()

    def keep_history(self, now_s: float) -> None:
        """Write the hub's history and the halls' present states, as the north's machine does."""
        membership, clock = require_membership(self.north), FakeClock(now_s)
        server = open_site(membership, store=self.store)
        hub, states = HubWriter(server, self.hub), HallStates(server, membership, self.hub, clock=clock)
        with server.begin() as connection:
            epoch = hold_duty(connection, HUB_DUTY, membership.machine_id)
        assert epoch is not None
        hub.fold_all(owner=membership.machine_id, epoch=epoch)
        states.update()
        for one in (states, hub):
            one.close()
        server.dispose()


def store_a_minute(folder: Path, server: Engine, site: str, machine: str) -> None:
    open_store(folder).close()
    forwarder = Forwarder(folder, server, site, machine)
    writer = open_store(folder)
    times_s = [NINE_S + second for second in range(60)]
    writer.write_points(
        [TrackPoint(t, NORTH, TrackletId(1), 1.0, 2.0, 0.1, None, TrackState.CONFIRMED) for t in times_s]
    )
    writer.write_span(ObservedSpan(NORTH, times_s[0], times_s[-1], 60))
    writer.close()
    while forwarder.forward():
        pass
    forwarder.close()


@contextmanager
def open_two_halls(folder: Path, server: PostgresServer, *, has_history: bool = False) -> Iterator[TwoHalls]:
    """Make the site for a test; with a history, the hub knows of a minute that the north observed."""
    made = _make_two_halls(folder, server)
    try:
        if has_history:
            made.sync()
            made.observe(made.north)
            made.keep_history(NINE_S + 61.0)
        yield made
    finally:
        open_on_server.clear()
        set_sign_in_prompt(None)
        clear_actors()


def _make_two_halls(folder: Path, server: PostgresServer) -> TwoHalls:
    folders = [folder / f"{name}.expoflow" for name in ("north", "south")]
    for one in folders:
        one.mkdir()
        (one / "plan.png").write_bytes(b"a picture")
        write_venue(make_full_venue(one))
    store, address = open_credential_store(), parse_address(server.make_database())
    create_site(folders[0], address=address, name="Fair", hall="Hall 1", machine="north", store=store)
    code = make_join_code(folders[0], hall=None, store=store)
    join_site(folders[1], address=address, code=code.code, hall="Hall 2", machine="south", store=store)
    open_on_server[:] = [_open_server_history]
    return TwoHalls(*folders, folder / "hub", store, address)
