"""A period that was erased is in no number, no table and no label any more, and is shown as not observed."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from pathlib import Path

import pytest

from analytics.domain.errors import ExpoFlowError, StoreError
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.evaluation.clip_labels import Clip, ClipLabels
from analytics.rollups.rollup_folder import RollupFolder
from analytics.store.sql_event_store import open_reader, open_store
from app.core.document import Venue
from app.core.file_format import write_venue
from app.core.job import JobCancelled, JobContext
from app.core.number_words import make_translator
from app.facts.cli import parse_limit
from app.facts.period_facts import read_period_facts
from app.facts.prepared_facts import prepare_facts
from app.privacy.cli import erase
from app.privacy.erase_period import describe_erasure, erase_period, plan_erasure, require_confirmation
from app.validation.validation_labels import ValidationLabels, name_labels_file, read_labels, write_labels
from tests.support.command_line import run_app
from tests.support.halls.walked_hall import CAMERA, NOW_UTC_S, SetClock, make_hall, walk_through

DAY_S = 86_400.0
START_S = NOW_UTC_S - 2 * 3600
FIRST_DAY_S = START_S - DAY_S
STATE = TrackState.CONFIRMED
LATER = SetClock(NOW_UTC_S + 2 * DAY_S)
ERASED_S = (START_S + 100, START_S + 250)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(tmp_path_factory.mktemp("walked"))
    for start_s, seed in ((FIRST_DAY_S, 2), (START_S, 1)):
        walk_through(venue, start_s=start_s, duration_s=400, people=6, seed=seed)
    write_venue(venue)
    prepare_facts(venue=venue, clock=LATER)
    clips = tuple(
        ClipLabels(clip=Clip(CAMERA, START_S + at_s, START_S + at_s + 30), **LABELS)
        for at_s in (0.0, 90.0, 300.0)
    )
    labels = ValidationLabels(venue="hall", begun_utc_s=START_S, clip_s=30.0, clips=clips)
    write_labels(name_labels_file(venue.folder, START_S), labels)
    (venue.folder / "backups").mkdir()
    (venue.folder / "backups" / "2026-03-14.zip").write_bytes(b"a copy")
    return venue


@pytest.fixture
def hall(walked: Venue, tmp_path: Path) -> Venue:
    shutil.copytree(walked.folder, tmp_path / "hall.expoflow")
    return dataclasses.replace(walked, folder=tmp_path / "hall.expoflow")


LABELS: dict[str, object] = {"labelled_by": "Wang", "labelled_utc_s": START_S, "frame_size_wh": (640, 480)}


def read_visits(venue: Venue, period_s: tuple[float, float]) -> int:
    facts = read_period_facts(venue=venue, period_s=period_s, clock=LATER)
    assert facts is not None
    return len(facts.tables["visits"])


def test_nothing_of_an_erased_period_is_found_again(hall: Venue) -> None:
    days = RollupFolder(hall.folder)
    first_day = days.find_between(FIRST_DAY_S, FIRST_DAY_S + 400)
    before = read_visits(hall, (FIRST_DAY_S, FIRST_DAY_S + 400))
    planned = plan_erasure(hall, ERASED_S)
    assert (planned.day_tables, planned.clips, planned.copies) == (1, 1, ("backups/2026-03-14.zip",))

    erased = erase_period(hall, ERASED_S, clock=LATER)

    assert erased.part.observed_s == 150.0
    assert erased.copies == planned.copies
    assert (hall.folder / "backups" / "2026-03-14.zip").exists()
    assert days.find_all()[0].folder in first_day
    assert len(days.find_all()) == 1
    (labels,) = (read_labels(file) for file in (hall.folder / "validation").glob("*.json"))
    assert [labels.clip.start_utc_s - START_S for labels in labels.clips] == [0.0, 300.0]
    reader = open_reader(hall.folder)
    assert reader.read_tracks(*ERASED_S).empty
    assert len(reader.read_tracks(START_S, ERASED_S[0]))
    assert len(reader.read_tracks(ERASED_S[1], START_S + 400))
    reader.close()

    assert read_visits(hall, (FIRST_DAY_S, FIRST_DAY_S + 400)) == before
    facts = read_period_facts(venue=hall, period_s=(START_S, START_S + 400), clock=LATER)
    assert facts is not None
    spans = facts.tables["spans"][["start_s", "end_s"]].to_numpy() - START_S
    assert spans.tolist() == [[0.0, 100.0], [250.0, 400.0]]
    entered_s = facts.tables["visits"]["entered_s"] - START_S
    assert len(entered_s)
    assert not ((entered_s > 100) & (entered_s < 250)).any()
    assert not plan_erasure(hall, ERASED_S).part


def test_copies_go_where_that_is_asked_for(hall: Venue) -> None:
    assert erase_period(hall, ERASED_S, with_copies=True, clock=LATER).copies == ()
    assert not list((hall.folder / "backups").iterdir())


def test_nothing_is_erased_while_somebody_records_or_once_it_was_stopped(hall: Venue) -> None:
    recorder = open_store(hall.folder, clock=LATER)
    with pytest.raises(StoreError, match="in use"):
        erase_period(hall, ERASED_S, clock=LATER)
    recorder.close()
    with pytest.raises(JobCancelled):
        erase_period(hall, ERASED_S, clock=LATER, context=JobContext(is_cancelled=lambda: True))
    assert len(RollupFolder(hall.folder).find_all()) == 2
    assert plan_erasure(hall, ERASED_S).part


def test_a_period_that_ends_before_it_begins_and_another_name_are_refused(hall: Venue) -> None:
    with pytest.raises(ExpoFlowError, match="ends before it starts"):
        plan_erasure(hall, (START_S, START_S))
    with pytest.raises(StoreError, match="'hal' was typed"):
        require_confirmation(hall, "hal")
    require_confirmation(hall, " hall ")


def test_what_one_camera_saw_is_erased_and_the_days_are_made_again_of_the_others(hall: Venue) -> None:
    other = CameraId("gone")  # the venue has it no more, and its history is still there
    writer = open_store(hall.folder, clock=LATER)
    at_s = START_S + 120
    writer.write_points(
        [TrackPoint(at_s + i, other, TrackletId(9999), 4.0, 3.5, 0.1, None, STATE) for i in range(20)]
    )
    writer.write_span(ObservedSpan(other, at_s, at_s + 20, 40))
    writer.close()
    period_s = (START_S, START_S + 400)
    planned = plan_erasure(hall, period_s, camera=other)
    assert (planned.part.points, planned.part.observed_s, planned.clips, planned.day_tables) == (
        20,
        20.0,
        0,
        1,
    )
    told = " ".join(describe_erasure(hall, planned, has_copies_deleted=False, tr=make_translator("en")))
    assert "Only observations of camera gone." in told
    assert all(
        re.search("[a-z]+ [a-z]+", sentence) is None
        for lost_day_tables in (0, 1)
        for sentence in describe_erasure(
            hall,
            dataclasses.replace(planned, lost_day_tables=lost_day_tables),
            has_copies_deleted=False,
            tr=make_translator("zh_CN"),
        )
    )

    erase_period(hall, period_s, camera=other, clock=LATER)

    reader = open_reader(hall.folder)
    assert set(reader.read_tracks()["camera"]) == {CAMERA}
    assert reader.read_gaps()["camera"].tolist() == [other]
    reader.close()
    (labels,) = (read_labels(file) for file in (hall.folder / "validation").glob("*.json"))
    assert len(labels.clips) == 3
    assert read_visits(hall, period_s)
    with pytest.raises(ExpoFlowError, match="'gone' has no observations in this period and is not a camera"):
        plan_erasure(hall, period_s, camera=other)
    assert plan_erasure(hall, (FIRST_DAY_S, FIRST_DAY_S + 400), camera=CAMERA).part
    assert erase_period(hall, period_s, camera=CAMERA, clock=LATER).clips == 3


def test_a_wrong_date_is_told_that_a_day_works_too(hall: Venue) -> None:
    refused = pytest.raises(ExpoFlowError, match="neither a day nor a time")
    with refused as caught:
        parse_limit(hall, "25.11.2026", is_end=False)
    assert "2026-11-25 in venue time" in str(caught.value.remedy)


def test_the_command_asks_for_the_name_and_says_what_goes(
    hall: Venue, capsys: pytest.CaptureFixture[str]
) -> None:
    period = ("--from", "2026-03-14", "--to", "2026-03-14")
    refused = run_app("venue", "erase", hall.folder, *period, answer="hall 2\n")
    assert refused.returncode == 1
    assert "Nothing was erased" in refused.stderr
    assert "This cannot be undone." in refused.stderr
    assert "backups/2026-03-14.zip" in refused.stderr
    planned = dataclasses.replace(plan_erasure(hall, ERASED_S), lost_day_tables=1)
    for has_copies_deleted in (False, True):
        told = describe_erasure(
            hall, planned, has_copies_deleted=has_copies_deleted, tr=make_translator("zh_CN")
        )
        assert not re.search("[a-z]+ [a-z]+", "".join(told)), "nothing is left in English"
    assert plan_erasure(hall, ERASED_S).part
    erase(hall.folder, "2026-03-14", "2026-03-14", confirm="hall", as_json=True)
    assert json.loads(capsys.readouterr().out)["observed_s"] == 400.0
    assert not plan_erasure(hall, (START_S, START_S + 400)).part
    assert plan_erasure(hall, (FIRST_DAY_S, FIRST_DAY_S + 400)).part
