"""From the machines' stores to the hub's history: nothing lost, nothing twice, the latest owner counts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.exc import OperationalError

from analytics.domain.event_sink import CameraEvent, CameraEventKind, Gap
from analytics.domain.gap_causes import describe_cause
from analytics.domain.identifiers import CameraId
from analytics.store.database_url import open_sqlite
from analytics.store.history_folder import DATABASE_NAME
from analytics.store.microseconds import to_us
from analytics.store.outbox import create_outbox
from analytics.store.sql_event_store import open_reader, open_store
from app.facts.identified_period import identify_period
from app.site.hub_merge import TAKEN_OVER
from app.site.journal import limiting_reply, read_new, send_batches
from app.site.leases import LEASE_S, take_leases
from app.site.node_agent import ClockComparison
from app.site.node_service import Forwarder, PastHistory
from app.site.schema import SiteError, acknowledged, hub_position, journal, ownership
from tests.support.servers.postgres_server import PostgresServer
from tests.support.servers.site_machines import Site, SiteMachine
from tests.unit.analytics.metrics.test_coverage import look_at
from tests.unit.analytics.store.store_contents import FakeClock

NINE_S = 1_795_597_200.0  # 2026-11-25T09:00:00Z
NORTH, SOUTH = "north", "south"


@pytest.fixture
def site(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Site]:
    url = postgres_server.make_database().replace("postgresql://", "postgresql+psycopg://")
    site = Site(url, tmp_path, cameras=[NORTH, SOUTH], machines=2)
    yield site
    site.close()


def each_second(start: int, end: int) -> list[float]:
    return [NINE_S + second + 0.25 for second in range(start, end)]


def test_a_server_replaced_by_an_older_copy_gets_again_what_it_lacks(site: Site) -> None:
    one, two = site.machines
    one.store(NORTH, each_second(0, 10))
    two.store(SOUTH, each_second(0, 10))
    one.forward()
    two.forward()
    site.fold()
    tables = (journal, acknowledged, hub_position)
    with site.engine.connect() as connection:
        copy = {table: [row._asdict() for row in connection.execute(select(table))] for table in tables}
    for start in range(10, 40, 10):
        one.store(NORTH, each_second(start, start + 10))
        one.forward()
    with site.engine.begin() as connection:
        for table, rows in copy.items():
            connection.execute(delete(table))
            if rows:
                connection.execute(insert(table), rows)
    # nothing failed meanwhile that would make the machine ask
    one.store(NORTH, each_second(40, 50))
    one.forward()
    two.forward()
    site.fold()
    assert read_times(site) == [second + 0.25 for second in range(50)]
    assert read_times(site, SOUTH) == [second + 0.25 for second in range(10)]


SLOW_JOURNAL = f"""
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.03); RETURN NEW; END';
CREATE TRIGGER slow BEFORE INSERT ON {journal} FOR EACH ROW EXECUTE FUNCTION slow();
"""


def test_a_slow_server_gets_in_one_transaction_what_takes_longer_than_one_reply_may(site: Site) -> None:
    batches = [(2, number, bytes(64 << 10)) for number in range(1, 41)]
    with site.engine.begin() as connection:
        connection.exec_driver_sql(SLOW_JOURNAL)
    began_s = time.monotonic()
    with site.engine.connect() as connection, limiting_reply(connection, 0.6), connection.begin():
        assert send_batches(connection, "m0", batches) == (2, 40)
    assert time.monotonic() - began_s > 1.2
    with (
        site.engine.connect() as connection,
        pytest.raises(OperationalError),
        limiting_reply(connection, 0.6),
    ):
        connection.execute(text("SELECT pg_sleep(5)"))
    assert time.monotonic() - began_s < 5


def read_times(site: Site, name: str = NORTH) -> list[float]:
    reader = site.open_reader()
    try:
        return [round(t - NINE_S, 3) for t in reader.read_tracks(cameras=[CameraId(name)])["time_s"]]
    finally:
        reader.close()


def test_the_hubs_history_is_the_union_of_the_machines(site: Site) -> None:
    one, two = site.machines
    site.fold()
    expected: Counter[tuple[str, float]] = Counter()
    for minute in range(3):
        for machine, name in ((one, NORTH), (two, SOUTH)):
            times_s = each_second(60 * minute, 60 * minute + 60)
            for at in range(0, 60, 5):
                machine.store(name, times_s[at : at + 5], span_from_s=NINE_S + 0.25)
            machine.forward()
            expected.update((name, t) for t in times_s)
        if minute < 2:
            site.fold()
    reader = site.open_reader()
    tracks = reader.read_tracks()
    assert Counter(zip(tracks["camera"], tracks["time_s"], strict=True)) == expected
    # the two persons were both tracklet 1 of their machine
    assert tracks["tracklet"].nunique() == 2
    spans = reader.read_spans()
    assert spans["camera"].tolist() == [NORTH, SOUTH]
    assert spans["end_s"].tolist() == [NINE_S + 179.25] * 2
    reader.close()
    # what waited in the journal was read as if it had been written
    site.fold()
    again = site.open_reader()
    assert again.read_tracks().equals(tracks)
    assert again.read_spans().equals(spans)
    again.close()
    with site.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(journal)) == 0


def test_a_minute_gives_one_file(site: Site) -> None:
    for machine, name in zip(site.machines, (NORTH, SOUTH), strict=True):
        for second in each_second(0, 60):
            machine.store(name, [second], span_from_s=NINE_S + 0.25)
        machine.forward()
    site.fold()
    assert len(list((site.folder / "hub").rglob("*.parquet"))) == 1


def test_sending_again_after_an_unknown_end_changes_nothing(site: Site) -> None:
    machine = site.machines[0]
    for second in each_second(0, 5):
        machine.store(NORTH, [second], span_from_s=NINE_S + 0.25)
    assert machine.forward() == 5
    with site.engine.connect() as connection:
        sent = read_new(connection, ["m0"], max_bytes=1 << 20)
    # the commit's answer was lost, and a part was folded meanwhile
    site.fold()
    with site.engine.begin() as connection:
        send_batches(connection, "m0", [(*batch.position, batch.body) for batch in sent])
    # a forwarder that starts anew asks where to go on
    again = Forwarder(machine.folder, site.engine, site.id, "m0")
    machine.store(NORTH, [NINE_S + 5.25], span_from_s=NINE_S + 0.25)
    assert again.forward() == 1
    again.close()
    site.fold()
    assert read_times(site) == [0.25, 1.25, 2.25, 3.25, 4.25, 5.25]


def test_what_was_not_forwarded_before_a_kill_comes_later(site: Site) -> None:
    machine = site.machines[0]
    machine.store(NORTH, each_second(0, 3))
    machine.forward()
    machine.store(NORTH, each_second(3, 6), span_from_s=NINE_S + 0.25)
    # moved to a file meanwhile, as after a minute
    machine.writer.archive_now()
    machine.forward()
    site.fold()
    assert read_times(site) == [0.25, 1.25, 2.25, 3.25, 4.25, 5.25]
    local = open_reader(machine.folder)
    assert len(local.read_tracks()) == 6
    local.close()


def own(site: Site, name: str, machine: str, *, epoch: int, since_s: float) -> None:
    with site.engine.begin() as connection:
        connection.execute(
            insert(ownership).values(
                camera=site.cameras[name],
                epoch=epoch,
                owner=machine,
                since_utc=datetime.fromtimestamp(since_s, tz=UTC),
            )
        )


@pytest.mark.parametrize("late", ["the old owner's batches", "the new owner's batches"])
def test_of_two_owners_the_later_one_counts(site: Site, late: str) -> None:
    """A partition: the first machine goes on for a minute after its camera was given to the second."""
    one, two = site.machines
    own(site, NORTH, "m0", epoch=1, since_s=NINE_S - 1)
    own(site, NORTH, "m1", epoch=2, since_s=NINE_S + 60)

    def record_first() -> None:
        for minute in range(2):
            one.store(NORTH, each_second(60 * minute, 60 * minute + 60), span_from_s=NINE_S + 0.25)
        one.forward()

    def record_second() -> None:
        # two people there, by another machine
        two.store(NORTH, each_second(66, 120), tracklet=7)
        two.store(NORTH, each_second(66, 120), tracklet=8)
        two.forward()

    first, second = (record_first, record_second)
    if late == "the old owner's batches":
        first, second = second, first
    first()
    site.fold()
    second()
    unfolded = read_times(site)
    site.fold()
    times = read_times(site)
    if late == "the old owner's batches":
        assert unfolded == times
    count = Counter(times)
    assert all(count[t - NINE_S] == 1 for t in each_second(0, 66))
    assert all(count[t - NINE_S] == 2 for t in each_second(66, 119))
    reader = site.open_reader()
    spans = list(reader.read_spans()[["start_s", "end_s"]].itertuples(index=False, name=None))
    assert [(round(a - NINE_S, 2), round(b - NINE_S, 2)) for a, b in spans] == [
        (0.25, 66.25),
        (66.25, 119.25),
    ]
    assert reader.read_gaps().empty
    reader.close()


def test_the_time_until_another_machine_has_taken_over_is_a_gap(site: Site) -> None:
    one, two = site.machines
    own(site, NORTH, "m0", epoch=1, since_s=NINE_S - 1)
    own(site, NORTH, "m1", epoch=2, since_s=NINE_S + 35)
    one.store(NORTH, each_second(0, 30))
    one.forward()
    two.store(NORTH, each_second(38, 60))
    two.forward()
    site.fold()
    reader = site.open_reader()
    assert list(reader.read_gaps().itertuples(index=False, name=None)) == [
        (NORTH, NINE_S + 29.25, NINE_S + 38.25, TAKEN_OVER)
    ]
    assert str(describe_cause(TAKEN_OVER)) == "another machine took the camera over"
    reader.close()
    # the first machine returns and says why it did not observe; the second did meanwhile
    one.store(NORTH, [], gap=Gap(CameraId(NORTH), NINE_S + 29.25, NINE_S + 50, "not running"))
    one.forward()
    site.fold()
    reader = site.open_reader()
    gaps = list(reader.read_gaps().itertuples(index=False, name=None))
    assert gaps == [(NORTH, NINE_S + 29.25, NINE_S + 38.25, "not running")]
    assert reader.last_observed_end(CameraId(NORTH)) == NINE_S + 59.25
    reader.close()


def test_what_is_erased_on_a_machine_is_erased_at_the_hub(site: Site) -> None:
    machine = site.machines[0]
    site.fold()
    machine.store(NORTH, each_second(0, 30))
    machine.forward()
    site.fold()
    machine.store(NORTH, each_second(30, 60), span_from_s=NINE_S + 0.25)
    machine.writer.erase(start_s=NINE_S + 20, end_s=NINE_S + 40)
    machine.forward()
    site.fold()
    assert read_times(site) == [t - NINE_S for t in (*each_second(0, 20), *each_second(40, 60))]
    reader, local = site.open_reader(), open_reader(machine.folder)
    assert reader.read_gaps()["cause"].tolist() == ["erased"]
    assert reader.read_spans()[["start_s", "end_s"]].equals(local.read_spans()[["start_s", "end_s"]])
    reader.close()
    local.close()


def test_events_arrive_once(site: Site) -> None:
    machine = site.machines[0]
    site.fold()
    machine.writer.write_event(
        CameraEvent(NINE_S, CameraId(NORTH), CameraEventKind.LOST, "no packet for 5 s")
    )
    machine.writer.flush()
    machine.forward()
    for _look in range(2):
        reader = site.open_reader()
        assert reader.read_events()["detail"].tolist() == ["no packet for 5 s"]
        reader.close()
        site.fold()


def test_a_clock_that_is_wrong_is_corrected(site: Site) -> None:
    machine = site.machines[0]
    late = Forwarder(machine.folder, site.engine, site.id, "m0", clock_correction_us=lambda: 2_000_000)
    machine.store(NORTH, each_second(0, 3))
    late.forward()
    late.close()
    site.fold()
    assert read_times(site) == [2.25, 3.25, 4.25]


@pytest.mark.parametrize(
    ("late_s", "is_corrected", "visitors"),
    [(0.3, True, 2), (0.6, True, 2), (2.0, True, 2), (0.3, False, 2), (2.0, False, 4)],
)
def test_who_walks_to_another_machines_camera_is_one_visitor(
    site: Site, late_s: float, is_corrected: bool, visitors: int
) -> None:
    one, two = site.machines
    comparison = ClockComparison(lambda: NINE_S - late_s)
    comparison.measure(lambda: NINE_S)
    assert comparison.best is not None
    assert comparison.best.is_told
    if is_corrected:
        two.forwarder.close()
        correct = lambda: to_us(comparison.choose_correction_s())  # noqa: E731
        two.forwarder = Forwarder(two.folder, site.engine, site.id, two.id, clock_correction_us=correct)
    views = [look_at(NORTH, 0.0, 12.0), look_at(SOUTH, 8.0, 20.0)]
    for person in (1, 2):
        walk = [(5.0 + 0.2 * step, (1.0 + 0.24 * step, 1.5 * person)) for step in range(75)]
        for machine, name, (left, right), clock_s in (
            (one, NORTH, (0.0, 12.0), NINE_S),
            (two, SOUTH, (8.0, 20.0), NINE_S - late_s),
        ):
            seen = [(clock_s + t, place) for t, place in walk if left <= place[0] < right]
            times_s, places = zip(*seen, strict=True)
            machine.store(name, times_s, tracklet=person, places=places)
    for machine in (one, two):
        machine.forward()
    site.fold()
    reader, period = site.open_reader(), (NINE_S, NINE_S + 40.0)
    found = identify_period(
        tracks=reader.read_tracks(*period),
        spans=reader.read_spans(*period),
        period_s=period,
        views=views,
        zones=(),
    )
    reader.close()
    assert found.tracks["visitor"].nunique() == visitors


def test_who_lost_the_duty_of_writing_changes_nothing(site: Site) -> None:
    site.machines[0].store(NORTH, each_second(0, 3))
    site.machines[0].forward()
    site.fold()
    site.machines[0].store(NORTH, each_second(3, 6))
    site.machines[0].forward()
    with pytest.raises(SiteError, match="taken over"):
        site.hub.fold_all(owner="m0", epoch=77)
    assert len(read_times(site)) == 6


def test_a_lease_belongs_to_one_machine_until_it_expires(site: Site) -> None:
    with site.engine.begin() as connection:
        assert set(take_leases(connection, "m0", [site.cameras[NORTH]]).values()) == {1}
    with site.engine.begin() as connection:
        assert take_leases(connection, "m1", list(site.cameras.values())) == {site.cameras[SOUTH]: 1}
    time.sleep(LEASE_S + 0.3)  # the server's own clock decides
    with site.engine.begin() as connection:
        assert take_leases(connection, "m1", [site.cameras[NORTH]]) == {site.cameras[NORTH]: 2}


def send_past(site: Site, machine: str, folder: Path) -> None:
    past = PastHistory(folder, site.engine, site.id, machine)
    while past.send_hour():
        pass


def test_what_was_stored_before_joining_comes_along_once(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "before"
    clock = FakeClock(NINE_S + 7200)
    writer = open_store(folder, clock=clock)
    old = SiteMachine("m1", folder, writer, site.machines[1].forwarder)
    old.store(NORTH, each_second(0, 90))
    old.store(
        NORTH, each_second(3600, 3620), gap=Gap(CameraId(NORTH), NINE_S + 89.25, NINE_S + 3600, "stall")
    )
    writer.archive_now()
    old.store(NORTH, each_second(3620, 3625), span_from_s=NINE_S + 3600.25)
    writer.close()
    engine = open_sqlite(folder / DATABASE_NAME)
    create_outbox(engine, site=site.id)
    engine.dispose()
    send_past(site, "m1", folder)
    forwarder = Forwarder(folder, site.engine, site.id, "m1")
    joined = SiteMachine("m1", folder, open_store(folder, clock=clock), forwarder)
    joined.store(NORTH, each_second(7201, 7205))
    joined.forward()
    for _time in range(2):
        send_past(site, "m1", folder)
        site.fold()
    joined.close()
    expected = [*each_second(0, 90), *each_second(3600, 3625), *each_second(7201, 7205)]
    assert read_times(site) == [t - NINE_S for t in expected]
    reader = site.open_reader()
    assert reader.read_spans()["frames"].sum() == len(expected) - 20
    assert reader.read_gaps()["cause"].tolist() == ["stall"]
    reader.close()
