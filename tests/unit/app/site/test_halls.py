"""All halls of a site at a glance, and what people may do in which hall."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.domain.errors import AccessError
from analytics.domain.zone_targets import AlarmMeasure
from analytics.results.content import Paragraph, ReportContent, Table
from app.access.access_file import User, VenueAccess, read_access, write_access
from app.access.audit_log import Outcome, read_entries
from app.access.guard import SERVICE, Actor, act_as, clear_actors, find_actor, set_sign_in_prompt
from app.access.roles import PERMISSIONS, ROLES_OF_PEOPLE, Permission, Role
from app.comparison.comparison_figures import ComparisonChoice
from app.comparison.comparison_view import compute_comparison
from app.core.file_format import read_venue, write_venue
from app.integrations.hall_snapshot import HallSnapshot, LineSnapshot
from app.plan.edit_geometry import AddShape
from app.plan.saved_edits import save_edit
from app.reports.make_report import write_halls
from app.reports.report_source import ReportSource
from app.reports.report_template import ReportFormat
from app.reports.report_text import ReportText
from app.reports.schedule_file import Rhythm, Schedule, Target, save_schedule
from app.reports.scheduled_reports import run_schedules
from app.site import join
from app.site.join import create_site, join_site
from app.site.site_status import HallFigures, SiteFigures, read_site_figures
from tests.support.halls.builder import box, zone
from tests.support.servers.postgres_server import PostgresServer
from tests.support.servers.two_halls import TwoHalls, open_two_halls
from tests.unit.analytics.store.store_contents import NINE_S, FakeClock
from tests.unit.app.core.venues import make_full_venue

CREATED = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def halls(postgres_server: PostgresServer, home: Path, tmp_path: Path) -> Iterator[TwoHalls]:
    with open_two_halls(tmp_path, postgres_server) as made:
        yield made


def test_every_machine_sees_what_the_hub_knows_of_each_hall(halls: TwoHalls) -> None:
    halls.sync()
    halls.observe(halls.north)
    halls.keep_history(NINE_S + 61.0)
    seen = read_site_figures(halls.south, store=halls.store)
    assert (seen.site, seen.hall, seen.has_hub_folder) == ("Fair", "Hall 2", True)
    first, second = seen.halls
    assert (first.people, second.people, seen.people) == (1, None, 1)
    assert first.snapshot is not None
    assert first.snapshot.venue == "Hall 1"
    assert (first.cameras_read, first.cameras, first.machines) == (0, 3, 1)
    # the history is older than a day, or there is none
    assert (first.gap_s, second.gap_s) == (None, None)
    assert (second.data_age_s, first.folder) == (None, halls.hub / "hall_1.expoflow")


def test_a_hall_is_compared_and_reported_with_the_others_by_who_may_see_them(halls: TwoHalls) -> None:
    first, second = halls.sync()
    for folder in (halls.north, halls.south):
        halls.observe(folder)
    halls.keep_history(NINE_S + 61.0)
    period_s = (NINE_S - 60.0, NINE_S + 120.0)
    venue = read_venue(first)
    source = ReportSource(venue, period_s, ReportText.of(venue, "en"))
    table, remark = write_halls(source)
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["Hall 1", "Hall 2", "All halls"]
    assert [row[2] for row in table.rows] == pytest.approx([1.0, 1.0, 2.0], abs=0.1)
    assert isinstance(remark, Paragraph)
    assert venue.title("Fair") == "Fair · Hall 1"

    choice = ComparisonChoice(period_s, period_s, other_folders=(second,))
    assert compute_comparison(venue=venue, choice=choice).choice == choice
    be_ann(second, None)
    set_sign_in_prompt(None)
    with pytest.raises(AccessError, match="No user is signed in to 'hall_2'"):
        compute_comparison(venue=venue, choice=choice)
    table, _remark, hidden = write_halls(source)
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["Hall 1", "All halls"]
    assert isinstance(hidden, Paragraph)
    assert "lack of a role there: Hall 2" in hidden.text
    be_ann(first, Role.MANAGER)
    be_ann(second, Role.STAFF)
    act_as(first, Actor("Ann", Role.MANAGER))
    assert compute_comparison(venue=venue, choice=choice).choice == choice

    # a schedule has the rights of the user who saved it, whatever runs it
    clock, made = FakeClock(NINE_S + 600.0), list[ReportContent]()
    save_schedule(
        first,
        Schedule("Evening", "daily", Rhythm.DAY, time(19), Target.FOLDER, str(halls.hub)),
        clock=clock,
    )

    def write(path: Path, content: ReportContent, _format: ReportFormat) -> Path:
        made.append(content)
        path.write_text("a report")
        return path

    def read_names() -> list[object]:
        act_as(first, SERVICE)
        run_schedules(first, write_file=write, credentials=halls.store, clock=clock, at_once="Evening")
        (table,) = (
            block for part in made[-1].sections for block in part.blocks
            if isinstance(block, Table) and block.key == "halls"
        )  # fmt: skip
        return [row[0] for row in table.rows]

    clear_actors()
    assert read_names() == ["Hall 1", "Hall 2", "All halls"]
    be_ann(second, None)
    assert read_names() == ["Hall 1", "All halls"]
    be_ann(second, Role.STAFF, secret_hash="of another Ann")
    assert read_names() == ["Hall 1", "All halls"]
    assert find_actor(second) is None


def make_figures(name: str, people: int | None, arrivals: int, doors: Mapping[str, int]) -> HallFigures:
    lines = tuple(LineSnapshot(door, "entrance", count, 0) for door, count in doors.items())
    alarm = Alarm(AlarmKey(AlarmMeasure.PEOPLE), NINE_S, 5.0, 7.0)
    snapshot = HallSnapshot(
        name, NINE_S, people=people, arrivals_today=arrivals, lines=lines, alarms=(alarm,)
    )
    return HallFigures(name, 1, 1, 1, 1, may_see=True, snapshot=snapshot, age_s=1.0)


def test_who_walks_between_halls_through_a_door_of_both_came_in_once() -> None:
    halls = (
        make_figures("Hall 1", 30, 100, {"Line 1": 90, "Passage": 10}),
        make_figures("Hall 2", 12, 55, {"Passage": 40, "Line 1": 15}),
        make_figures("Hall 3", None, 7, {"East": 7}),
    )
    site = SiteFigures("Fair", "Hall 1", halls, Path(), has_hub_folder=False)
    assert (site.people, site.doors_between, site.arrivals_today) == (42, ("Passage",), 112)
    assert [hall for hall, _alarm in site.alarms] == ["Hall 1", "Hall 2", "Hall 3"]


Act = Callable[[TwoHalls], object]
IN_OTHER_HALL: dict[str, tuple[Permission, Act]] = {
    "make_join_code": (
        Permission.ADMINISTER_USERS,
        lambda it: join.make_join_code(it.north, hall="Hall 2", store=it.store),
    ),
    "remove_machine": (
        Permission.ADMINISTER_USERS,
        lambda it: join.remove_machine(it.north, "south", store=it.store),
    ),
    "drain_machine": (
        Permission.EDIT_CAMERAS,
        lambda it: join.drain_machine(it.north, "south", is_draining=True, store=it.store),
    ),
    "move_camera": (
        Permission.EDIT_CAMERAS,
        lambda it: join.move_camera(it.north, "north", machine=None, hall="Hall 2", store=it.store),
    ),
}
"""What can be done in one hall to another."""
IN_OWN_HALL: dict[str, tuple[Permission, Act]] = {
    "create_site": (
        Permission.ADMINISTER_USERS,
        lambda it: create_site(
            make_free_folder(it), address=it.address, name="B", machine="b", store=it.store
        ),
    ),
    "join_site": (
        Permission.ADMINISTER_USERS,
        lambda it: join_site(
            make_free_folder(it), address=it.address, code="0" * 16, machine="b", store=it.store
        ),
    ),
    "leave_site": (Permission.ADMINISTER_USERS, lambda it: join.leave_site(it.north, store=it.store)),
    "undo_site_change": (
        Permission.CHANGE_SETTINGS,
        lambda it: join.undo_site_change(it.north, 1, store=it.store),
    ),
}


def make_free_folder(it: TwoHalls) -> Path:
    """Return a venue that is in no site yet, with the users and the user at work of the north."""
    folder = it.north.with_name("free.expoflow")
    folder.mkdir(exist_ok=True)
    write_venue(make_full_venue(folder))
    write_access(folder, read_access(it.north))
    act_as(folder, Actor("Ann", read_access(it.north).users[0].role))
    return folder


def be_ann(folder: Path, role: Role | None, *, secret_hash: str = "a hash") -> None:
    """Give a hall an administrator and, with a role, Ann."""
    users = (User("Bob", Role.ADMINISTRATOR, "another hash", CREATED),)
    if role is not None:
        users = (User("Ann", role, secret_hash, CREATED), *users)
    write_access(folder, VenueAccess(users))


def read_state(it: TwoHalls) -> object:
    seen = read_site_figures(it.south, store=it.store)
    return [(one.name, one.machines, one.cameras) for one in seen.halls]


def test_every_action_on_a_site_is_refused_without_the_right_in_that_hall(halls: TwoHalls) -> None:
    own = [one for one in vars(join).values() if getattr(one, "__module__", "") == join.__name__]
    acting = {one.__name__ for one in own if inspect.isfunction(one) and "doing(" in inspect.getsource(one)}
    assert acting == IN_OTHER_HALL.keys() | IN_OWN_HALL.keys()
    hub_north, hub_south = halls.sync()
    before = read_state(halls)
    for role in (None, *ROLES_OF_PEOPLE):
        be_ann(halls.north, Role.ADMINISTRATOR)
        be_ann(halls.south, role)
        halls.sync()
        for folder in (halls.north, hub_north, hub_south):
            act_as(folder, Actor("Ann", Role.ADMINISTRATOR))
        for name, (permission, act) in IN_OTHER_HALL.items():
            if role is None or permission not in PERMISSIONS[role]:
                with pytest.raises(AccessError, match=r"no role in the hall 'Hall 2'|does not permit"):
                    act(halls)
                entries = read_entries(halls.north)
                assert Outcome.REFUSED in [entry.outcome for entry in entries[-2:]], name
            elif name != "remove_machine":
                act(halls)
        # the other hall's pages ask its users as well
        if role is None or Permission.EDIT_PLAN not in PERMISSIONS[role]:
            with pytest.raises(AccessError):
                save_edit(hub_south, AddShape(zone("B1", box(10, 10, 12, 12))))
        assert read_site_figures(halls.north, store=halls.store).halls[1].may_see is (role is not None)
        assert read_state(halls) == before

    be_ann(halls.south, Role.ADMINISTRATOR, secret_hash="of somebody else with that name")
    halls.sync()
    with pytest.raises(AccessError, match="no role in the hall"):
        IN_OTHER_HALL["drain_machine"][1](halls)
    for role in ROLES_OF_PEOPLE:
        be_ann(halls.north, role)
        for permission, act in IN_OWN_HALL.values():
            if permission not in PERMISSIONS[role]:
                with pytest.raises(AccessError, match="does not permit"):
                    act(halls)
    assert read_state(halls) == before
