"""A site of several machines on a real server, which store what a test says."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, insert, select, text

from analytics.domain.event_sink import Gap, ObservedSpan
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.store.database_url import open_sqlite, open_url
from analytics.store.history_folder import DATABASE_NAME
from analytics.store.migrations import migrate
from analytics.store.outbox import create_outbox
from analytics.store.sql_event_store import open_store
from analytics.store.sql_event_writer import SqlEventWriter
from app.site.hub_folder import HubEventReader, open_hub_reader
from app.site.hub_writer import HUB_DUTY, HubWriter, name_hall_folder
from app.site.leases import hold_duty
from app.site.node_service import Forwarder
from app.site.schema import GROUP_PREFIX, camera, create_schema, hall, machine


@dataclass(slots=True)
class SiteMachine:
    """One machine: a venue's folder with a history, and its part in the site."""

    id: str
    folder: Path
    writer: SqlEventWriter
    forwarder: Forwarder

    def store(
        self,
        name: str,
        times_s: Sequence[float],
        *,
        tracklet: int = 1,
        span_from_s: float | None = None,
        gap: Gap | None = None,
        places: Sequence[tuple[float, float]] | None = None,
    ) -> None:
        """Store a point of one person at each time, the span that they lie in, and flush."""
        who = CameraId(name)
        self.writer.write_points(
            [
                TrackPoint(t, who, TrackletId(tracklet), x_m, y_m, 0.1, None, TrackState.CONFIRMED)
                for t, (x_m, y_m) in zip(times_s, places or [(1.0, 2.0)] * len(times_s), strict=True)
            ]
        )
        if times_s:
            start_s = times_s[0] if span_from_s is None else span_from_s
            self.writer.write_span(ObservedSpan(who, start_s, times_s[-1], len(times_s)))
        if gap is not None:
            self.writer.write_gap(gap)
        self.writer.flush()

    def forward(self) -> int:
        """Forward everything, and return the number of batches."""
        total = 0
        while count := self.forwarder.forward():
            total += count
        return total

    def close(self) -> None:
        self.writer.close()
        self.forwarder.close()


class Site:
    """A site with one hall of named cameras and some machines, and its hub."""

    def __init__(self, url: str, folder: Path, *, cameras: Sequence[str], machines: int) -> None:
        self.url = url
        self.folder = folder
        self.id = secrets.token_hex(6)
        self.engine: Engine = open_url(url)
        with self.engine.begin() as connection:
            create_schema(connection, site_id=self.id, name="Fair")
            self.hall = connection.scalar(insert(hall).values(name="Hall 1").returning(hall.c.id))
            connection.execute(text(f"CREATE SCHEMA hall_{self.hall} AUTHORIZATION {GROUP_PREFIX}{self.id}"))
            connection.execute(
                insert(camera), [{"hall": self.hall, "name": name, "settings": {}} for name in cameras]
            )
            for number in range(machines):
                connection.execute(
                    insert(machine).values(
                        id=f"m{number}", hall=self.hall, name=f"machine {number}", public_key=b""
                    )
                )
            self.cameras = {row.name: row.id for row in connection.execute(select(camera))}
        self.machines = [self._make_machine(f"m{number}") for number in range(machines)]
        self.hub = HubWriter(self.engine, folder / "hub")

    def fold(self) -> int:
        """Let the first machine write the hub's history."""
        with self.engine.begin() as connection:
            epoch = hold_duty(connection, HUB_DUTY, "m0")
        assert epoch is not None
        return self.hub.fold_all(owner="m0", epoch=epoch)

    def open_reader(self) -> HubEventReader:
        return open_hub_reader(
            open_url(self.url), self.hall, name_hall_folder(self.folder / "hub", self.hall)
        )

    def close(self) -> None:
        for one in self.machines:
            one.close()
        self.hub.close()
        self.engine.dispose()

    def _make_machine(self, id_: str) -> SiteMachine:
        folder = self.folder / id_
        folder.mkdir(parents=True)
        engine = open_sqlite(folder / DATABASE_NAME)
        migrate(engine, now_us=0, place=id_)
        create_outbox(engine, site=self.id)
        engine.dispose()
        return SiteMachine(id_, folder, open_store(folder), Forwarder(folder, self.engine, self.id, id_))
