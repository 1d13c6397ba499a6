"""A site of two halls on a real server, each with one machine; both on one computer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analytics.store.history_folder import open_on_server
from app.__main__ import _open_server_history
from app.core.credentials import CredentialStore, open_credential_store
from app.core.file_format import write_venue
from app.settings.paths import settings_folder
from app.site.hall_states import HallStates
from app.site.hub_folder import write_hall_folders
from app.site.hub_writer import HUB_DUTY, HubWriter
from app.site.join import create_site, join_site, make_join_code, synchronise
from app.site.leases import hold_duty
from app.site.site_document import DatabaseAddress, open_site, parse_address, require_membership
from tests.support.servers.postgres_server import PostgresServer
from tests.unit.analytics.store.store_contents import FakeClock
from tests.unit.app.core.venues import make_full_venue


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


def make_two_halls(folder: Path, server: PostgresServer) -> TwoHalls:
    """Make the site; the caller clears `open_on_server`."""
    folders = [folder / f"{name}.expoflow" for name in ("north", "south")]
    for one in folders:
        one.mkdir()
        (one / "plan.png").write_bytes(b"a picture")
        write_venue(make_full_venue(one))
    store, address = open_credential_store(settings_folder()), parse_address(server.make_database())
    create_site(folders[0], address=address, name="Fair", hall="Hall 1", machine="north", store=store)
    code = make_join_code(folders[0], hall=None, store=store)
    join_site(folders[1], address=address, code=code.code, hall="Hall 2", machine="south", store=store)
    open_on_server[:] = [_open_server_history]
    return TwoHalls(*folders, folder / "hub", store, address)
