"""Data export: the same numbers as the pages, and individuals only on request."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analytics.domain.errors import OutputError, VenueError
from analytics.results.data_sets import DataSet, RowFormat, Step
from app.cli.program import main
from app.core.document import Venue
from app.core.file_format import write_venue
from app.core.job import JobCancelled, JobContext
from app.facts.period_facts import read_period_facts
from app.reports.export_data import DataOrder, ExportedData, export_data
from tests.support.halls.walked_hall import CAMERA, NOW_UTC_S, make_hall, walk_through

START_S = NOW_UTC_S - 7200.0
PERIOD_S = (START_S, START_S + 3600.0)
ZONES = ("=Robotics", "VR corner", "Café")
AGGREGATES = (DataSet.VISITS, DataSet.OCCUPANCY, DataSet.CROSSINGS)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(tmp_path_factory.mktemp("hall"), zone_names=ZONES)
    # a quarter with many, and a few minutes with hardly anybody
    walk_through(venue, start_s=START_S, duration_s=900, people=40)
    walk_through(venue, start_s=START_S + 2700, duration_s=300, people=3, seed=2)
    write_venue(venue)
    return venue


def export(
    hall: Venue, out: Path, *data_sets: DataSet, row_format: RowFormat = RowFormat.CSV, **changes: object
) -> ExportedData:
    order = replace(DataOrder(data_sets, PERIOD_S, Step.QUARTER), **changes)  # type: ignore[arg-type]
    return export_data(hall, order, out_folder=out, row_format=row_format)


def read_rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_sums_match_the_pages_and_small_counts_are_suppressed(hall: Venue, tmp_path: Path) -> None:
    exported = export(hall, tmp_path, *AGGREGATES)
    assert [file.name for file in exported.rows] == [
        "visits_by_15min.csv", "occupancy_by_15min.csv", "crossings_by_15min.csv"
    ]  # fmt: skip
    facts = read_period_facts(venue=hall, period_s=PERIOD_S, names=("zone_blocks", "minutes", "crossings"))
    assert facts is not None
    rows = [row for row in read_rows(tmp_path / "visits_by_15min.csv") if row["zone"] == "'=Robotics"]
    assert [(row["start_utc"], row["start_local"]) for row in rows] == [
        ("2026-03-14T02:00:00.000Z", "2026-03-14T10:00:00.000+08:00"),
        ("2026-03-14T02:45:00.000Z", "2026-03-14T10:45:00.000+08:00"),
    ]
    blocks = facts.tables["zone_blocks"]
    first = blocks[(blocks["zone"] == "=Robotics") & (blocks["start_s"] < START_S + 900)]
    assert int(rows[0]["visits"]) == round(first["entries"].sum()) > 5
    assert float(rows[0]["mean_dwell_s"]) == pytest.approx(
        first["dwell_s"].sum() / first["entries"].sum(), abs=1e-3
    )
    assert (rows[1]["visits"], rows[1]["mean_dwell_s"], rows[1]["suppressed"]) == ("", "", "1")
    present = [row for row in read_rows(tmp_path / "occupancy_by_15min.csv") if row["zone"] == ""]
    minutes = facts.tables["minutes"]
    hall_minutes = minutes[(minutes["zone"] == "") & (minutes["start_s"] < START_S + 900)]
    assert float(present[0]["mean_people"]) == pytest.approx(
        hall_minutes["person_seconds"].sum() / hall_minutes["observed_s"].sum(), abs=1e-3
    )
    assert float(present[0]["observed_s"]) == 900
    assert float(present[0]["peak_people"]) > float(present[0]["mean_people"])
    crossed = read_rows(tmp_path / "crossings_by_15min.csv")
    inward = facts.tables["crossings"].query("direction == 'in' and time_s < @START_S + 900")
    assert int(crossed[0]["in"]) == len(inward) > 5


def test_individuals_are_exported_only_on_request(hall: Venue, tmp_path: Path) -> None:
    with pytest.raises(
        OutputError, match=r"each-visit, tracks contain data about individuals.*--personal-data"
    ):
        export(hall, tmp_path / "out", DataSet.VISITS, DataSet.EACH_VISIT, DataSet.TRACKS)
    assert not (tmp_path / "out").exists()
    export(hall, tmp_path, DataSet.EACH_VISIT, DataSet.EACH_CROSSING, DataSet.TRACKS, may_be_personal=True)
    visits, points = (pd.read_csv(tmp_path / name) for name in ("each_visit.csv", "tracks.csv"))
    facts = read_period_facts(venue=hall, period_s=PERIOD_S, names=("visits",))
    assert facts is not None
    assert len(visits) == len(facts.tables["visits"]) > 40
    assert visits["visitor"].str.match(r"[0-9a-f]{16}$").all()
    # the same persons in all files, as many as there are, and in no order
    assert set(visits["visitor"]) <= set(points["visitor"])
    assert visits["visitor"].nunique() == facts.tables["visits"]["visitor"].nunique() > 20
    first_seen = points.sort_values("time_utc").drop_duplicates("visitor")["visitor"]
    assert not first_seen.is_monotonic_increasing
    export(hall, tmp_path / "again", DataSet.EACH_VISIT, may_be_personal=True)
    again = pd.read_csv(tmp_path / "again" / "each_visit.csv")
    assert not set(again["visitor"]) & set(visits["visitor"])
    assert again.drop(columns="visitor").equals(visits.drop(columns="visitor"))
    assert len(points) > 2000
    assert set(points["camera"]) == {str(CAMERA)}


@pytest.mark.parametrize("row_format", [RowFormat.PARQUET, RowFormat.JSON_LINES])
def test_every_format_has_the_same_rows(hall: Venue, tmp_path: Path, row_format: RowFormat) -> None:
    (text,) = export(hall, tmp_path, DataSet.VISITS).rows
    (file,) = export(hall, tmp_path, DataSet.VISITS, row_format=row_format).rows
    rows = read_rows(text)
    if row_format is RowFormat.JSON_LINES:
        exported_rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        assert exported_rows[0]["start_utc"] == rows[0]["start_utc"]
    else:
        table = pd.read_parquet(file)
        assert str(table["start_utc"].dtype) == "datetime64[ms, UTC]"
        exported_rows = table.astype(object).where(table.notna(), None).to_dict("records")
    assert [one["zone"] for one in exported_rows] == [row["zone"].removeprefix("'") for row in rows]
    assert [one["start_local"] for one in exported_rows] == [row["start_local"] for row in rows]
    assert [one["visits"] for one in exported_rows] == [
        int(row["visits"]) if row["visits"] else None for row in rows
    ]


def test_a_zone_filter_includes_the_lines_that_meet_it(hall: Venue, tmp_path: Path) -> None:
    export(hall, tmp_path, *AGGREGATES, zones=("Café",))
    assert {row["zone"] for row in read_rows(tmp_path / "visits_by_15min.csv")} == {"Café"}
    assert {row["zone"] for row in read_rows(tmp_path / "occupancy_by_15min.csv")} == {"Café"}
    assert read_rows(tmp_path / "crossings_by_15min.csv") == []
    with pytest.raises(VenueError, match=r"There is no zone 'Cafe'.*Café"):
        export(hall, tmp_path, DataSet.VISITS, zones=("Cafe",))


def test_a_cancelled_export_leaves_earlier_files(hall: Venue, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (file,) = export(hall, out, DataSet.VISITS).rows
    before = file.read_bytes()

    def is_cancelled() -> bool:
        return len(list(out.iterdir())) > 1  # the temporary file is there

    order = DataOrder((DataSet.VISITS,), (START_S, START_S + 600), Step.QUARTER)
    with pytest.raises(JobCancelled):
        export_data(
            hall,
            order,
            out_folder=out,
            row_format=RowFormat.CSV,
            context=JobContext(is_cancelled=is_cancelled),
        )
    assert [one.name for one in out.iterdir()] == [file.name]
    assert file.read_bytes() == before


def test_the_export_command(hall: Venue, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["export", "--venue", str(hall.folder), "--out", str(tmp_path / "new")]
    assert main([*arguments, "--what", "visits,tracks", "--from", "2026-03-14"]) == 1
    assert "about individuals" in capsys.readouterr().err
    assert main([*arguments, "--what", "visits", "--from", "2026-03-14", "--by", "day", "--json"]) == 0
    ((file, rows),) = json.loads(capsys.readouterr().out)["files"].items()
    assert rows == 3
    assert float(read_rows(Path(file))[0]["observed_s"]) == 1200
    assert main([*arguments, "--what", "visitors"]) == 1
    assert "each-visit" in capsys.readouterr().err
    assert main(["export", "--columns"]) == 0
    assert "mean_dwell_s" in capsys.readouterr().out
