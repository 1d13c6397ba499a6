"""Stored tables of past days: equal to computed ones, replaced after changes, repaired after damage."""

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
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.rollup_folder import MANIFEST_NAME, RollupFolder
from analytics.rollups.rollup_key import _describe_floor
from analytics.rollups.tables import TABLES
from analytics.store.retention import RetentionPolicy
from analytics.store.sql_event_store import open_store
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.core.job import JobCancelled, JobContext
from app.facts import period_facts, prepared_facts
from app.facts.period_facts import read_period_facts
from app.facts.prepared_facts import prepare_facts, prepare_facts_in_child
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
    """Return the list of computed stretches."""
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


def test_stored_tables_equal_computed_ones(hall: Venue, computed: list[tuple[float, float]]) -> None:
    stored = read(hall)
    assert computed == []
    shutil.rmtree(RollupFolder(hall.folder).path)
    recomputed = read(hall)
    assert len(computed) == 2
    for name in TABLES:
        pd.testing.assert_frame_equal(stored.tables[name], recomputed.tables[name], obj=name)
    np.testing.assert_array_equal(stored.stretches_s, recomputed.stretches_s)
    assert [len(table) for table in read(hall).tables.values()] == [
        len(t) for t in recomputed.tables.values()
    ]
    assert len(computed) == 2


def test_only_requested_tables_are_read(hall: Venue) -> None:
    assert set(read(hall, ("visits",)).tables) == {"visits", "spans"}


def test_only_requested_columns_are_read(hall: Venue) -> None:
    wanted = {"visits": ("seconds", "entered_s"), "journeys": ("zones",)}
    stored = read(hall, wanted)
    assert list(stored.tables["visits"].columns) == ["zone", "entered_s", "seconds"]
    assert list(stored.tables["journeys"].columns) == ["zones"]
    shutil.rmtree(RollupFolder(hall.folder).path)
    pd.testing.assert_frame_equal(read(hall, wanted).tables["visits"], stored.tables["visits"])


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
def test_changed_inputs_replace_stored_tables(
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


def test_a_stored_floor_plan_has_the_key_of_the_drawn_one(
    hall: Venue, computed: list[tuple[float, float]]
) -> None:
    # drawn with whole numbers, read back as floats
    write_venue(hall)
    _describe_floor.cache_clear()
    read(read_venue(hall.folder), ("visits",))
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
def test_damaged_tables_are_recomputed(
    hall: Venue, computed: list[tuple[float, float]], damage: Callable[[Path], None]
) -> None:
    sound = read(hall, ("visits",))
    damage(sorted(RollupFolder(hall.folder).path.glob("*-*"))[0])
    repaired = read(hall, ("visits",))
    assert len(computed) == 1
    pd.testing.assert_frame_equal(sound.tables["visits"], repaired.tables["visits"])
    read(hall)
    assert len(computed) == 1


def test_a_folder_of_another_stretch_is_rejected(hall: Venue, computed: list[tuple[float, float]]) -> None:
    first, second = sorted(RollupFolder(hall.folder).path.glob("*-*"))
    shutil.rmtree(first)
    shutil.copytree(second, first)
    read(hall, ("visits",))
    assert len(computed) == 1


def test_a_table_of_another_version_is_recomputed(
    hall: Venue, computed: list[tuple[float, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = {**TABLES, "visits": dataclasses.replace(TABLES["visits"], version=99)}
    for module in ("tables", "rollup_folder", "period_facts"):
        monkeypatch.setattr(f"analytics.rollups.{module}.TABLES", newer)
    read(hall, ("stops",))
    assert computed == []
    read(hall, ("visits",))
    assert len(computed) == 2


def test_the_current_day_is_not_stored(hall: Venue) -> None:
    folder = RollupFolder(hall.folder)
    shutil.rmtree(folder.path)
    now = SetClock(START_S + 900)
    prepared = prepare_facts(venue=hall, clock=now)
    assert (prepared.made, prepared.stretches) == (1, 1)
    assert prepared.size_bytes == folder.measure_bytes() > 0
    read_period_facts(venue=hall, period_s=PERIOD_S, clock=now)
    assert len(folder.find_all()) == 1


def test_preparing_resumes_after_cancelling_and_cleans_up(hall: Venue) -> None:
    folder = RollupFolder(hall.folder)
    shutil.rmtree(folder.path)
    reported: list[float] = []

    def cancel() -> bool:
        return len(reported) > 0

    with pytest.raises(JobCancelled):
        prepare_facts(
            venue=hall,
            clock=LATER,
            context=JobContext(is_cancelled=cancel, on_progress=lambda done, _: reported.append(done)),
        )
    assert [stored.start_utc_s > START_S - DAY_S for stored in folder.find_all()] == [True]
    (folder.path / f"1-2-{'0' * 32}").mkdir()
    assert prepare_facts(venue=hall, clock=LATER).made == 1
    assert len(list(folder.path.glob("*-*"))) == 2


def test_a_part_with_all_observations_uses_the_whole_day(
    hall: Venue, computed: list[tuple[float, float]]
) -> None:
    facts = read(hall, ("visits",), (START_S - 60, START_S + 700))
    assert computed == []
    assert len(facts.tables["visits"]) > 0
    read(hall, ("visits",), (START_S + 300, START_S + 700))
    assert computed == [(START_S + 300, START_S + 401)]


def test_a_full_disk_does_not_affect_the_numbers(
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


def test_sums_outlive_tracks_but_visitors_do_not(hall: Venue) -> None:
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
    with pytest.raises(StoreError, match="deleted"):
        read_period_facts(venue=hall, period_s=(first_s, first_s + 3600), names=("visits",), clock=clock)


def test_large_periods_are_prepared_in_a_child_process(hall: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(RollupFolder(hall.folder).path)
    asked: list[tuple[float, float]] = []

    def prepare(folder: Path, context: JobContext, *, period_s: tuple[float, float]) -> None:
        assert folder == hall.folder
        asked.append(period_s)
        prepare_facts(venue=hall, context=context, period_s=period_s, clock=LATER)

    monkeypatch.setattr(period_facts, "prepare_facts_in_child", prepare)
    monkeypatch.setattr(period_facts, "_MIN_CHILD_POINTS", 100)
    facts = read(hall, ("visits",))
    assert asked == [(facts.stretches_s[0, 0], facts.stretches_s[1, 1])]
    monkeypatch.setattr(period_facts, "compute_stretch", None)
    read(hall, ("visits",))
    assert len(asked) == 1


@pytest.mark.slow
def test_the_command_prepares_and_reports_progress(hall: Venue) -> None:
    write_venue(hall)
    shutil.rmtree(RollupFolder(hall.folder).path)
    reported: list[tuple[float, float]] = []
    first_s = START_S - DAY_S
    told: list[str] = []
    context = JobContext(
        on_progress=lambda done, total: reported.append((done, total)),
        on_described=lambda words: told.append(str(words)),
    )
    prepare_facts_in_child(hall.folder, context, period_s=(first_s - 0.25, first_s + 700.5))
    assert "The tables of the days are made, the newest first: day 1 of 1" in told
    assert told[-1] == "None"
    assert len(RollupFolder(hall.folder).find_all()) == 1
    prepare_facts_in_child(hall.folder, context)
    assert len(RollupFolder(hall.folder).find_all()) == 2
    assert reported
    assert "The tables of the days are made, the newest first" in told[-2]
    asked = run_app("venue", "prepare", hall.folder, "--from", "2026-03-13", "--to", "2026-03-14")
    assert "Days prepared: 2, 0 of them now" in asked.stderr
