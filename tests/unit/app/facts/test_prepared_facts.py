"""What is kept of days that are over: what would be computed, made again for every change, mended."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.domain.errors import StoreError
from analytics.domain.floor_plan import Obstacle
from analytics.dwell.zone_summary import ZoneSummary
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.period_zones import summarise_period_zones
from analytics.rollups.rollup_folder import MANIFEST_NAME, RollupFolder
from analytics.rollups.tables import TABLES
from analytics.store.retention import RetentionPolicy
from analytics.store.sql_event_store import open_store
from app.core.document import Venue
from app.core.file_format import write_venue
from app.core.job import JobCancelled, JobContext
from app.facts import period_facts, prepared_facts
from app.facts.period_facts import read_period_facts
from app.facts.prepared_facts import prepare_facts, prepare_facts_apart
from tests.conftest import LogGuard
from tests.support.command_line import run_app
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through

DAY_S = 86_400.0
START_S = NOW_UTC_S - 2 * 3600
PERIOD_S = (START_S - 1.5 * DAY_S, START_S + DAY_S)
SECOND_DAY_S = (START_S - 3600, START_S + DAY_S)
LATER = SetClock(NOW_UTC_S + 2 * DAY_S)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(Path(tmp_path_factory.mktemp("kept")) / "hall.expoflow")
    for day, seed in ((1, 2), (0, 1)):
        walk_through(venue, start_s=START_S - day * DAY_S, duration_s=400, people=14, seed=seed)
    prepare_facts(venue=venue, clock=LATER)
    return venue


@pytest.fixture
def hall(walked: Venue, tmp_path: Path) -> Venue:
    shutil.copytree(walked.folder, tmp_path / "hall.expoflow")
    return dataclasses.replace(walked, folder=tmp_path / "hall.expoflow")


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """The stretches that had to be computed."""
    asked: list[tuple[float, float]] = []
    compute = prepared_facts.compute_stretch

    def note(venue, reader, stretch, names):  # type: ignore[no-untyped-def]
        asked.append(stretch.period_s)
        return compute(venue, reader, stretch, names)

    for module in (period_facts, prepared_facts):
        monkeypatch.setattr(module, "compute_stretch", note)
    return asked


def read(
    venue: Venue,
    names: tuple[str, ...] | dict[str, tuple[str, ...]] | None = None,
    period_s: tuple[float, float] = PERIOD_S,
) -> PeriodFacts:
    facts = read_period_facts(venue=venue, period_s=period_s, names=names, clock=LATER)
    assert facts is not None
    return facts


def test_what_is_kept_is_what_would_be_computed(hall: Venue, computed: list[tuple[float, float]]) -> None:
    kept = read(hall)
    assert computed == []
    shutil.rmtree(RollupFolder(hall.folder).path)
    anew = read(hall)
    assert len(computed) == 2
    for name in TABLES:
        pd.testing.assert_frame_equal(kept.tables[name], anew.tables[name], obj=name)
    np.testing.assert_array_equal(kept.stretches_s, anew.stretches_s)
    assert [len(table) for table in read(hall).tables.values()] == [len(t) for t in anew.tables.values()]
    assert len(computed) == 2


def test_only_the_tables_that_were_asked_for_are_read(hall: Venue) -> None:
    assert set(read(hall, ("visits",)).tables) == {"visits", "spans"}


def test_only_the_columns_that_were_asked_for_are_read(hall: Venue) -> None:
    wanted = {"visits": ("seconds", "entered_s"), "journeys": ("zones",)}
    kept = read(hall, wanted)
    assert list(kept.tables["visits"].columns) == ["zone", "entered_s", "seconds"]
    assert list(kept.tables["journeys"].columns) == ["zones"]
    shutil.rmtree(RollupFolder(hall.folder).path)
    pd.testing.assert_frame_equal(read(hall, wanted).tables["visits"], kept.tables["visits"])


def _add_obstacle(venue: Venue) -> Venue:
    wall = Obstacle("wall", venue.plan.obstacles[0].outline)
    return dataclasses.replace(venue, plan=dataclasses.replace(venue.plan, obstacles=(wall,)))


def _exclude_staff(venue: Venue) -> Venue:
    corrections = dataclasses.replace(venue.corrections, excludes_staff=True)
    return dataclasses.replace(venue, corrections=corrections)


def _change_zone(venue: Venue) -> Venue:
    geometry = venue.geometry_versions[0]
    zones = (dataclasses.replace(geometry.zones[0], minimum_stay_s=9.0), *geometry.zones[1:])
    return venue.with_geometry(dataclasses.replace(geometry, zones=zones))


def _mask_camera(venue: Venue) -> Venue:
    entry = venue.cameras[0]
    unobserved = (((0.0, 0.0), (50.0, 0.0), (50.0, 50.0)),)
    camera = dataclasses.replace(entry.camera, mask=unobserved)
    return venue.with_camera(dataclasses.replace(entry, camera=camera))


def _observe_more(venue: Venue) -> Venue:
    walk_through(venue, start_s=START_S + 3600, duration_s=60, people=2)
    return venue


@pytest.mark.parametrize(
    "change",
    [_add_obstacle, _exclude_staff, _change_zone, _mask_camera, _observe_more],
    ids=lambda f: f.__name__,
)
def test_whatever_changes_the_answer_is_computed_again_and_replaces_the_old(
    hall: Venue, computed: list[tuple[float, float]], change: Callable[[Venue], Venue]
) -> None:
    before = sorted(folder.name for folder in RollupFolder(hall.folder).path.glob("*-*"))
    read(change(hall), ("visits",), SECOND_DAY_S)
    assert len(computed) == 1
    after = sorted(folder.name for folder in RollupFolder(hall.folder).path.glob("*-*"))
    assert len(after) == 2
    assert set(before) & set(after) == {before[0]}


def test_a_colour_and_a_label_change_nothing(hall: Venue, computed: list[tuple[float, float]]) -> None:
    geometry = hall.geometry_versions[0]
    zones = tuple(dataclasses.replace(zone, colour="#123456") for zone in geometry.zones)
    read(hall.with_geometry(dataclasses.replace(geometry, zones=zones, label="Spring")))
    assert computed == []


def _truncate(folder: Path) -> None:
    file = folder / "visits.parquet"
    file.write_bytes(file.read_bytes()[:-20])


def _flip_a_bit(folder: Path) -> None:
    file = folder / "visits.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _swap_tables(folder: Path) -> None:
    shutil.copyfile(folder / "stops.parquet", folder / "visits.parquet")


def _tear_manifest(folder: Path) -> None:
    file = folder / MANIFEST_NAME
    file.write_text(file.read_text()[:100])


def _move_a_wall_in_the_manifest(folder: Path) -> None:
    file = folder / MANIFEST_NAME
    file.write_text(file.read_text().replace("minimum_stay_s", "minimum_stay_m"))


def _delete_a_table(folder: Path) -> None:
    (folder / "visits.parquet").unlink()


@pytest.mark.parametrize(
    "damage",
    [_truncate, _flip_a_bit, _swap_tables, _tear_manifest, _move_a_wall_in_the_manifest, _delete_a_table],
    ids=lambda f: f.__name__,
)
def test_damage_is_noticed_and_mended(
    hall: Venue, computed: list[tuple[float, float]], damage: Callable[[Path], None]
) -> None:
    sound = read(hall, ("visits",))
    damage(sorted(RollupFolder(hall.folder).path.glob("*-*"))[0])
    mended = read(hall, ("visits",))
    assert len(computed) == 1
    pd.testing.assert_frame_equal(sound.tables["visits"], mended.tables["visits"])
    read(hall)
    assert len(computed) == 1


def test_a_folder_of_another_stretch_is_not_taken_for_this_one(
    hall: Venue, computed: list[tuple[float, float]]
) -> None:
    first, second = sorted(RollupFolder(hall.folder).path.glob("*-*"))
    shutil.rmtree(first)
    shutil.copytree(second, first)
    read(hall, ("visits",))
    assert len(computed) == 1


def test_a_table_of_another_version_is_made_again(
    hall: Venue, computed: list[tuple[float, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = {**TABLES, "visits": dataclasses.replace(TABLES["visits"], version=99)}
    for module in ("tables", "rollup_folder", "period_facts"):
        monkeypatch.setattr(f"analytics.rollups.{module}.TABLES", newer)
    read(hall, ("stops",))
    assert computed == []
    read(hall, ("visits",))
    assert len(computed) == 2


def test_the_present_day_is_not_kept(hall: Venue) -> None:
    folder = RollupFolder(hall.folder)
    shutil.rmtree(folder.path)
    now = SetClock(START_S + 900)
    prepared = prepare_facts(venue=hall, clock=now)
    assert (prepared.made, prepared.stretches) == (1, 1)
    assert prepared.size_bytes == folder.measure_bytes() > 0
    read_period_facts(venue=hall, period_s=PERIOD_S, clock=now)
    assert len(folder.find_all()) == 1


def test_preparing_goes_on_where_it_was_cancelled_and_clears_away(hall: Venue) -> None:
    folder = RollupFolder(hall.folder)
    shutil.rmtree(folder.path)
    told: list[float] = []

    def cancel() -> bool:
        return len(told) > 0

    with pytest.raises(JobCancelled):
        prepare_facts(
            venue=hall,
            clock=LATER,
            context=JobContext(is_cancelled=cancel, on_progress=lambda done, _: told.append(done)),
        )
    assert [kept.start_utc_s > START_S - DAY_S for kept in folder.find_all()] == [True]
    (folder.path / f"1-2-{'0' * 32}").mkdir()
    assert prepare_facts(venue=hall, clock=LATER).made == 1
    assert len(list(folder.path.glob("*-*"))) == 2


def test_a_part_of_a_day_with_all_that_was_observed_is_that_day(
    hall: Venue, computed: list[tuple[float, float]]
) -> None:
    facts = read(hall, ("visits",), (START_S - 60, START_S + 700))
    assert computed == []
    assert len(facts.tables["visits"]) > 0
    read(hall, ("visits",), (START_S + 300, START_S + 700))
    assert computed == [(START_S + 300, START_S + 401)]


def test_a_disk_that_takes_nothing_takes_no_number_away(
    hall: Venue, monkeypatch: pytest.MonkeyPatch, log_guard: LogGuard
) -> None:
    log_guard.expect("is not kept")
    before = read(hall, ("visits",)).tables["visits"]
    shutil.rmtree(RollupFolder(hall.folder).path)

    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RollupFolder, "write", refuse)
    pd.testing.assert_frame_equal(read(hall, ("visits",)).tables["visits"], before)
    with pytest.raises(StoreError):
        prepare_facts(venue=hall, clock=LATER)


def test_sums_outlive_the_tracks_and_visitors_do_not(hall: Venue) -> None:
    before = read(hall, ("zone_days", "minutes")).tables
    clock = SetClock(START_S + 2.5 * DAY_S)
    writer = open_store(hall.folder, clock=clock)
    writer.apply_retention(RetentionPolicy(keep_days=3.0))
    writer.close()
    facts = read_period_facts(venue=hall, period_s=PERIOD_S, clock=clock)
    assert facts is not None
    first_s = START_S - DAY_S
    assert facts.missing_s.tolist() == [[first_s, facts.stretches_s[0, 0]]]
    assert facts.tables["visits"]["entered_s"].min() > START_S - 60
    assert len(facts.observed) == 1
    prepare_facts(venue=hall, clock=clock)
    old = RollupFolder(hall.folder).find_all()[0].folder
    assert {file.stem for file in old.glob("*.parquet")} == {n for n, table in TABLES.items() if table.is_sum}
    sums = read_period_facts(venue=_change_zone(hall), period_s=PERIOD_S, names=("minutes",), clock=clock)
    assert sums is not None
    assert not len(sums.missing_s)
    changed = str(hall.geometry_versions[0].zones[0].name)
    same = sums.tables["minutes"][sums.tables["minutes"]["zone"] != changed]
    old_minutes = before["minutes"][before["minutes"]["zone"] != changed]
    pd.testing.assert_frame_equal(same.reset_index(drop=True), old_minutes.reset_index(drop=True))
    with pytest.raises(StoreError, match="deleted for their age"):
        read_period_facts(venue=hall, period_s=(first_s, first_s + 3600), names=("visits",), clock=clock)


def test_much_is_prepared_by_a_process_of_its_own(hall: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(RollupFolder(hall.folder).path)
    asked: list[tuple[float, float]] = []

    def prepare(folder: Path, context: JobContext, *, period_s: tuple[float, float]) -> None:
        assert folder == hall.folder
        asked.append(period_s)
        prepare_facts(venue=hall, context=context, period_s=period_s, clock=LATER)

    monkeypatch.setattr(period_facts, "prepare_facts_apart", prepare)
    monkeypatch.setattr(period_facts, "_APART_POINTS", 100)
    facts = read(hall, ("visits",))
    assert asked == [(facts.stretches_s[0, 0], facts.stretches_s[1, 1])]
    monkeypatch.setattr(period_facts, "compute_stretch", None)
    read(hall, ("visits",))
    assert len(asked) == 1


def test_one_day_says_what_the_summary_says(hall: Venue) -> None:
    from analytics.store.sql_event_store import open_reader
    from app.facts.camera_views import find_views
    from app.facts.identified_period import identify_period
    from app.facts.identified_results import compute_identified_results
    from app.facts.period_stretches import find_day

    day_s = find_day(hall, START_S)
    reader = open_reader(hall.folder)
    spans, tracks = reader.read_spans(*day_s), reader.read_tracks(*day_s)
    reader.close()
    zones = hall.geometry_at(START_S).zones
    views = find_views(hall)
    known = identify_period(tracks=tracks, spans=spans, period_s=day_s, views=views, zones=zones)
    summary = compute_identified_results(known, zones=zones, duration_s=DAY_S, views=views).summary["zones"]
    facts = read(hall, ("zone_days",), day_s)
    # the period is cut to the history, the day is whole
    whole = dataclasses.replace(facts, period_s=day_s)
    assert summarise_period_zones(whole) == summary


def test_two_days_together(hall: Venue) -> None:
    zones = [str(zone.name) for zone in hall.geometry_at(START_S).zones]
    both = summarise_period_zones(read(hall, ("zone_days",)))
    days = [
        summarise_period_zones(read(hall, ("zone_days",), (start_s, start_s + 700)))
        for start_s in (START_S - DAY_S, START_S)
    ]
    stays = read(hall, ("stays",)).tables["stays"]
    for name in zones:
        a, b, together = days[0][name], days[1][name], both[name]
        assert a["visits"]
        assert b["visits"]
        assert together["visits"] == a["visits"] + b["visits"]
        seconds = [day["mean_dwell_s"] * day["visits"] for day in (a, b)]  # type: ignore[operator]
        assert together["mean_dwell_s"] == pytest.approx(sum(seconds) / together["visits"], abs=2e-3)
        assert together["person_seconds"] == pytest.approx(
            stays.loc[stays["zone"] == name, "seconds"].sum(), rel=0.05
        )
        limits = [d["median_dwell_s"] for d in (a, b)]
        assert min(limits) <= together["median_dwell_s"] <= max(limits)  # type: ignore[type-var,operator]
        _is_narrower(together, a)
        assert together["coverage"] < a["coverage"]


def _is_narrower(together: ZoneSummary, day: ZoneSummary) -> None:
    widths = []
    for summary in (together, day):
        interval, visits = summary["visits_interval"], summary["visits"]
        assert interval is not None
        assert visits is not None
        widths.append((interval[1] - interval[0]) / visits)
    assert widths[0] < widths[1]


@pytest.mark.slow
def test_the_command_prepares_apart_and_tells_how_far_it_is(hall: Venue) -> None:
    write_venue(hall)
    shutil.rmtree(RollupFolder(hall.folder).path)
    told: list[tuple[float, float]] = []
    first_s = START_S - DAY_S
    context = JobContext(on_progress=lambda done, total: told.append((done, total)))
    prepare_facts_apart(hall.folder, context, period_s=(first_s - 0.25, first_s + 700.5))
    assert len(RollupFolder(hall.folder).find_all()) == 1
    prepare_facts_apart(hall.folder, context)
    assert len(RollupFolder(hall.folder).find_all()) == 2
    assert told
    asked = run_app("venue", "prepare", hall.folder, "--from", "2026-03-13", "--to", "2026-03-14")
    assert "Days that are prepared: 2, of these now: 0" in asked.stderr
