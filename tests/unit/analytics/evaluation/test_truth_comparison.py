"""A whole comparison: a perfect result, one that lies, and results that cannot be read."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.columns import CROSSING_COLUMNS
from analytics.domain.errors import ResultFileError
from analytics.dwell.visits import VisitSettings
from analytics.evaluation.block_intervals import make_blocks
from analytics.evaluation.result_reading import ResultFiles, read_result_files
from analytics.evaluation.scores import Score, Scores
from analytics.evaluation.truth_comparison import compare_results
from analytics.results.result_files import write_result_files
from tests.support.halls.known_crowd import STAND, make_crowd
from tests.support.oracles import compute_visits

DURATION_S = 900.0


@pytest.fixture(scope="module")
def tracks() -> pd.DataFrame:
    return make_crowd(seed=4, duration_s=DURATION_S)


@pytest.fixture(scope="module")
def visits(tracks: pd.DataFrame) -> pd.DataFrame:
    return compute_visits(tracks=tracks, zones=[STAND], spans=None, settings=VisitSettings())


def make_crossings(times_s: list[float], direction: str = "in") -> pd.DataFrame:
    table = pd.DataFrame(
        {"visitor": range(len(times_s)), "line": "door", "time_s": times_s, "direction": direction}
    )
    return table.astype({column.name: column.dtype for column in CROSSING_COLUMNS})


def write(
    folder: Path,
    tracks: pd.DataFrame,
    listed: pd.DataFrame,
    *,
    crossings_s: tuple[float, ...] = (10.0, 20.0, 30.0),
    **zone: object,
) -> ResultFiles:
    values = {
        "visits": len(listed),
        "mean_dwell_s": listed["seconds"].mean(),
        "median_dwell_s": listed["seconds"].median(),
        "person_seconds": listed["seconds"].sum(),
        "visits_interval": [len(listed) - 2, len(listed) + 2],
        **zone,
    }
    write_result_files(
        out_folder=folder,
        tracks=tracks,
        visits=listed,
        crossings=make_crossings(list(crossings_s)),
        summary={"format": 1, "duration_s": DURATION_S, "zones": {"stand": values}},
    )
    return read_result_files(folder)


@pytest.fixture
def truth(tmp_path: Path, tracks: pd.DataFrame, visits: pd.DataFrame) -> ResultFiles:
    return write(tmp_path / "truth", tracks, visits)


def list_scores(scores: Scores) -> dict[str, Score]:
    named = {field.name: getattr(scores, field.name) for field in fields(scores)}
    return {name: score for name, score in named.items() if isinstance(score, Score)}


def test_the_truth_against_itself_is_perfect(truth: ResultFiles) -> None:
    scores = compare_results(truth=truth, against=truth)
    for name, score in list_scores(scores).items():
        expected = 0.0 if name in ("double_people", "floor_error_rms_m", "floor_error_median_m") else 1.0
        assert score.value == pytest.approx(expected, abs=1e-4), name
        assert score.interval == pytest.approx((expected, expected), abs=1e-4), name
    assert scores.people == scores.identities == truth.tracks["visitor"].nunique()
    assert scores.zones[0].visits_interval_holds is True
    json.dumps(scores.to_dict(), allow_nan=False)


def test_every_score_moves_with_what_it_is_about(
    tmp_path: Path, truth: ResultFiles, tracks: pd.DataFrame, visits: pd.DataFrame
) -> None:
    broken = tracks.copy()
    # a new identity every 40 s, 0.3 m beside the person
    broken["visitor"] = broken["visitor"] * 1000 + (broken["time_s"] // 40).astype("int64")
    broken["x_m"] += 0.3
    halves = visits.copy()
    halves["left_s"] = halves["entered_s"] + halves["seconds"] / 2
    halves["seconds"] /= 2
    against = write(
        tmp_path / "against", broken, halves,
        crossings_s=(10.5, 40.0), visits=1.1 * len(visits), visits_interval=[1, 2],
    )  # fmt: skip
    scores = compare_results(truth=truth, against=against)
    assert scores.visits.value == pytest.approx(1.1)
    assert scores.mean_dwell.value == pytest.approx(0.5, rel=1e-4)
    assert scores.median_dwell.value == pytest.approx(0.5, rel=1e-4)
    assert scores.person_seconds.value == pytest.approx(0.5, rel=1e-4)
    assert scores.long_stays > 3
    assert scores.whole_long_stays.value == 0.0
    assert scores.identities_per_person.value is not None
    assert scores.identities_per_person.value > 1.3
    assert scores.idf1.value is not None
    assert scores.idf1.value < 0.9
    assert scores.floor_error_rms_m.value == pytest.approx(0.3, abs=1e-5)
    assert scores.floor_error_median_m.value == pytest.approx(0.3, abs=1e-5)
    assert scores.crossings.value == pytest.approx(2 / 3)
    assert scores.crossing_recall.value == pytest.approx(1 / 3)
    assert scores.crossing_precision.value == pytest.approx(1 / 2)
    assert scores.zones[0].visits_interval_holds is False


def test_a_listed_visit_covers_one_stay_only(
    tmp_path: Path, truth: ResultFiles, tracks: pd.DataFrame, visits: pd.DataFrame
) -> None:
    endless = visits.iloc[:1].assign(entered_s=0.0, left_s=DURATION_S, seconds=DURATION_S)
    scores = compare_results(truth=truth, against=write(tmp_path / "endless", tracks, endless))
    assert scores.whole_long_stays.value == pytest.approx(1 / scores.long_stays)


def test_a_result_without_estimates_is_judged_by_its_list(
    tmp_path: Path, truth: ResultFiles, tracks: pd.DataFrame, visits: pd.DataFrame
) -> None:
    against = write(tmp_path / "listed", tracks, visits.iloc[: len(visits) // 2])
    against.summary.clear()
    scores = compare_results(truth=truth, against=against)
    assert scores.visits.value == pytest.approx((len(visits) // 2) / len(visits))
    # that no interval is possible must differ from a wrong one
    assert scores.zones[0].visits_interval_holds is None


def test_an_empty_result_scores_nothing_and_breaks_nothing(
    tmp_path: Path, truth: ResultFiles, tracks: pd.DataFrame, visits: pd.DataFrame
) -> None:
    nothing = write(
        tmp_path / "nothing", tracks.iloc[:0], visits.iloc[:0], crossings_s=(),
        visits=0, mean_dwell_s=None, median_dwell_s=None, person_seconds=0.0,
    )  # fmt: skip
    scores = compare_results(truth=truth, against=nothing)
    assert scores.visits.value == 0.0
    assert scores.mean_dwell.value is None
    assert scores.idf1.value == 0.0
    assert scores.identities_per_person.value is None
    backwards: Scores = compare_results(truth=nothing, against=truth)
    assert backwards.visits.value is None


def test_other_zones_are_refused_by_name(tmp_path: Path, truth: ResultFiles) -> None:
    other = read_result_files(truth.folder)
    other.summary["zones"] = {"hall": {}}
    other.visits["zone"] = "hall"
    with pytest.raises(ResultFileError, match="none of the zones of the ground truth: stand"):
        compare_results(truth=truth, against=other)


def test_intervals_hold_the_score_of_the_process() -> None:
    random = np.random.default_rng(5)
    blocks = make_blocks(start_s=0.0, end_s=3600.0)
    assert blocks.count == 12
    held = 0
    for _ in range(120):
        true, found = random.poisson(20.0, 12), random.poisson(18.0, 12)
        score = blocks.score(
            lambda weight, true=true, found=found: float(weight @ found / (weight @ true))  # type: ignore[misc]
        )
        assert score.interval is not None
        held += score.interval[0] <= 0.9 <= score.interval[1]
    assert 0.90 <= held / 120 <= 1.0


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("tracks.parquet", None, "tracks.parquet is missing"),
        ("visits.csv", None, "visits.csv is missing"),
        ("tracks.parquet", b"PAR1 no parquet", "tracks.parquet cannot be read"),
        ("summary.json", b"{", "summary.json cannot be read"),
        ("summary.json", b"[]", "it holds no object"),
        ("summary.json", b"\xff\xfe\x00", "summary.json cannot be read"),
        ("visits.csv", b"", "visits.csv cannot be read"),
        ("visits.csv", b"visitor,zone\n1,stand\n", "visits.csv lacks the column entered_s"),
        (
            "visits.csv",
            b"visitor,zone,entered_s,left_s\n1,stand,3,soon\n",
            "'soon' in column left_s of row 1",
        ),
        ("visits.csv", b"visitor,zone,entered_s,left_s\n,stand,3,4\n", "'' in column visitor of row 1"),
        ("crossings.csv", b"visitor,line,time_s\n", "crossings.csv lacks the column direction"),
    ],
)
def test_a_broken_file_is_named(truth: ResultFiles, file: str, content: bytes | None, words: str) -> None:
    path = truth.folder / file
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ResultFileError) as caught:
        read_result_files(truth.folder)
    assert words in caught.value.problem
    assert caught.value.remedy


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResultFileError, match="There is no folder"):
        read_result_files(tmp_path / "nowhere")


def test_what_others_leave_out_is_filled_in(truth: ResultFiles, tracks: pd.DataFrame) -> None:
    few = tracks[["time_s", "visitor", "x_m", "y_m"]].astype("float64")
    few.loc[3, "x_m"] = np.nan
    few.to_parquet(truth.folder / "tracks.parquet")
    (truth.folder / "visits.csv").write_text("visitor,zone,entered_s,left_s\n1.0,stand,3,8.5\n")
    files = read_result_files(truth.folder)
    assert len(files.tracks) == len(tracks) - 1
    assert files.visits["seconds"].tolist() == [5.5]
    assert files.visits["visitor"].tolist() == [1]


def test_files_that_others_write_a_little_differently_are_read_alike(
    tmp_path: Path, tracks: pd.DataFrame, visits: pd.DataFrame
) -> None:
    ours = write(tmp_path / "ours", tracks, visits)
    folder = tmp_path / "theirs"
    write(folder, tracks, visits)
    table = pd.read_parquet(folder / "tracks.parquet").sample(frac=1.0, random_state=1)
    table["tracklet"] = pd.array([None] * len(table), dtype="Int64")
    table.to_parquet(folder / "tracks.parquet", index=False)
    listed = pd.read_csv(folder / "visits.csv").sample(frac=1.0, random_state=1)
    listed["censored_end"] = listed["censored_end"].astype(bool)
    text = listed[["zone", "visitor", "left_s", "entered_s", "censored_end"]].to_csv(index=False)
    (folder / "visits.csv").write_text(text.replace(",", ", "), encoding="utf-8")
    crossed = pd.read_csv(folder / "crossings.csv")
    crossed["direction"] = crossed["direction"].str.upper()
    crossed.to_csv(folder / "crossings.csv", index=False)
    found, expected = (
        compare_results(truth=files, against=ours) for files in (read_result_files(folder), ours)
    )
    # times are written to a millisecond, so that their differences are a little off
    for name, score in list_scores(found).items():
        assert score.value == pytest.approx(list_scores(expected)[name].value, abs=1e-4), name


@pytest.mark.parametrize(("minutes", "has_interval"), [(2, False), (4, False), (5, True)])
def test_too_few_blocks_give_no_interval(minutes: int, has_interval: bool) -> None:
    blocks = make_blocks(start_s=0.0, end_s=60.0 * minutes)
    score = blocks.score(lambda weight: float(weight @ np.arange(blocks.count)))
    assert (score.interval is not None) is has_interval
    assert blocks.method.startswith("none: ") is not has_interval
