"""Build a site on a server of one's own, and run its machines as processes that can be killed."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select, text

from analytics.domain.clock import SystemClock
from analytics.store.database_url import open_sqlite, open_url
from analytics.store.history_folder import DATABASE_NAME
from analytics.store.migrations import migrate
from analytics.store.outbox import create_outbox
from analytics.store.sql_event_store import open_reader
from app.site.hub_folder import HubEventReader, open_hub_reader
from app.site.hub_writer import name_hall_folder
from app.site.schema import GROUP_PREFIX, acknowledged, camera, create_schema, hall, machine
from tools.site.namespace_link import NETWORK, NamespaceLink
from tools.site.postgres_server import PostgresServer
from tools.site.tcp_proxy import TcpProxy

PROJECT = Path(__file__).parents[2]
CLOCK = SystemClock()
SITE = "laboratory"
"""Number of the site for the machines' outboxes."""
_ENVIRONMENT = {"OMP_NUM_THREADS": "1"}


def make_site(engine: Engine, halls: Mapping[str, Sequence[str]]) -> tuple[str, dict[str, int]]:
    """Create a site with halls of named cameras, and return its number and those of the halls."""
    site_id = secrets.token_hex(6)
    with engine.begin() as connection:
        create_schema(connection, site_id=site_id, name="Fair")
        numbers = {}
        for name, cameras in halls.items():
            number = connection.execute(insert(hall).values(name=name).returning(hall.c.id)).scalar_one()
            connection.execute(text(f"CREATE SCHEMA hall_{number} AUTHORIZATION {GROUP_PREFIX}{site_id}"))
            rows: list[dict[str, Any]] = [{"hall": number, "name": one, "settings": {}} for one in cameras]
            if rows:
                connection.execute(insert(camera), rows)
            numbers[name] = number
    return site_id, numbers


def add_machine(engine: Engine, id_: str, hall_number: int, folder: Path) -> None:
    """Add a machine to a site, with an empty history that is forwarded."""
    folder.mkdir(parents=True, exist_ok=True)
    local = open_sqlite(folder / DATABASE_NAME)
    migrate(local, now_us=0, place=id_)
    create_outbox(local, site=SITE)
    local.dispose()
    with engine.begin() as connection:
        connection.execute(insert(machine).values(id=id_, hall=hall_number, name=id_, public_key=b""))


@dataclass(slots=True)
class MachineProcess:
    """A machine of the laboratory.

    Attributes:
        link: its way to the server.
        environment: variables of its process.
        said: lines that it printed: when it began to read which cameras.
    """

    id: str
    folder: Path
    link: TcpProxy | NamespaceLink
    options: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    @property
    def cameras(self) -> list[str]:
        """Return the cameras that it reads, by what it said last."""
        return list(self.said[-1]["cameras"]) if self.said else []

    def start(self, url: str) -> None:
        """Start it, or start it again after a kill."""
        self.said.append({"time_s": CLOCK.now_utc_s(), "cameras": []})
        self.process = subprocess.Popen(
            [
                *self.link.prefix,
                sys.executable,
                "-m",
                "tools.site.replayed_machine",
                str(self.folder),
                "--machine",
                self.id,
                *self.options,
            ],
            cwd=PROJECT,
            env={**os.environ, "EXPOFLOW_SITE_URL": url, **_ENVIRONMENT, **self.environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()

    def kill(self) -> float:
        """Kill it with its threads, and return when, seconds since the epoch."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        now_s = CLOCK.now_utc_s()
        self.process.wait()
        self.said.append({"time_s": now_s, "cameras": []})
        return now_s

    def stop(self) -> None:
        """Stop it in order, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            with contextlib.suppress(ValueError):
                self.said.append(json.loads(line))


class Laboratory:
    """One hall with some machines, each behind a proxy of its own, and one that writes the hub's history."""

    def __init__(
        self,
        folder: Path,
        *,
        machines: Sequence[str],
        cameras: Sequence[str],
        options: Sequence[str] = (),
        has_namespaces: bool = False,
    ) -> None:
        """Start a server, and create the site and its machines, which do not run yet.

        Args:
            folder: folder without a server; that of the server may be an empty file system.
            options: of `tools.site.replayed_machine`, for every machine.
            has_namespaces: give every machine a network namespace instead of a proxy.
        """
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        self.folder = folder
        self._link = NamespaceLink if has_namespaces else TcpProxy
        network = NETWORK if has_namespaces else ""
        self.server = PostgresServer(folder / "server", is_durable=True, network=network)
        self.server.start()
        self.engine = open_url(self.server.name_url())
        self.site_id, halls = make_site(self.engine, {"Hall 1": cameras})
        self.hall = halls["Hall 1"]
        self.machines = [self._make_machine(name, list(options)) for name in machines]
        # reads no camera, so that what the hub needs can be measured alone
        hub = ["--cores", "0", "--hub", str(folder / "hub")]
        self.hub = self._make_machine("hub", hub)

    def start(self, one: MachineProcess) -> None:
        """Start a machine with its own way to the server."""
        one.start(self.server.name_url(host=one.link.host, port=one.link.port))

    def restart_server(self, away_s: float) -> float:
        """Kill the server, start it again after a while, and return when it answers."""
        self.server.stop(kill=True)
        wait(away_s)
        self.server.start()
        return CLOCK.now_utc_s()

    def count_owned(self) -> Counter[str]:
        """Return how many machines say that they read each camera."""
        return Counter(
            name
            for one in self.machines
            if one.process is not None and one.process.poll() is None
            for name in one.cameras
        )

    def measure_ages_s(self) -> dict[str, float]:
        """Return how old the newest second of each machine is that the server has."""
        newest = {}
        with self.engine.connect() as connection:
            rows = connection.execute(select(acknowledged)).all()
        for one in self.machines:
            held = max(((row.epoch, row.seq) for row in rows if row.machine == one.id), default=(0, 0))
            newest[one.id] = self._find_age_s(one, held)
        return newest

    def open_reader(self) -> HubEventReader:
        """Open the hub's history."""
        return open_hub_reader(
            open_url(self.server.name_url()), self.hall, name_hall_folder(self.folder / "hub", self.hall)
        )

    def close(self) -> None:
        """Stop everything."""
        for one in (*self.machines, self.hub):
            one.stop()
            one.link.close()
        self.engine.dispose()
        self.server.stop()

    def _make_machine(self, id_: str, options: list[str]) -> MachineProcess:
        folder = self.folder / id_
        add_machine(self.engine, id_, self.hall, folder)
        return MachineProcess(id_, folder, self._link(self.server.port), options)

    def _find_age_s(self, one: MachineProcess, held: tuple[int, int]) -> float:
        """Return the age of the oldest second that a machine has and the server has not; 0 without one."""
        local = open_sqlite(one.folder / DATABASE_NAME, is_read_only=True)
        try:
            with local.begin() as connection:
                waiting = connection.exec_driver_sql(
                    "SELECT count(*) FROM outbox WHERE epoch > ? OR (epoch = ? AND sequence > ?)",
                    (held[0], held[0], held[1]),
                ).scalar_one()
        finally:
            local.dispose()
        return float(waiting)


def wait(seconds: float) -> None:
    """Wait."""
    threading.Event().wait(seconds)


@contextlib.contextmanager
def open_local(one: MachineProcess) -> Iterator[Any]:
    """Open a machine's own history."""
    reader = open_reader(one.folder)
    try:
        yield reader
    finally:
        reader.close()
