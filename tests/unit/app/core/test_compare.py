from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from analytics.domain.errors import ExpoFlowError
from app.cli.program import make_app
from app.comparison.cli import parse_side
from app.core.document import Venue
from tests.support.reports.compared_days import find_opening_s, make_compared_venue, record_day

DAY_S = 86400.0
MIDNIGHT_S = find_opening_s(0) - 10 * 3600.0


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_compared_venue(tmp_path_factory.mktemp("compared"), days=2)
    for day in range(2):
        record_day(venue, day, stays_s={"A": 20.0}, visits=2)
    return venue


def test_days_are_taken_whole_and_times_as_they_are(venue: Venue) -> None:
    assert parse_side(venue, "2026-03-02/2026-03-02") == (MIDNIGHT_S, MIDNIGHT_S + DAY_S)
    assert parse_side(venue, "2026-03-02T10:00:00Z/2026-03-03") == (find_opening_s(0), MIDNIGHT_S + 2 * DAY_S)
    start_s, end_s = parse_side(venue, "1")
    assert start_s == find_opening_s(0)
    assert end_s == pytest.approx(find_opening_s(1) + 3600.0)
    with pytest.raises(ExpoFlowError, match="is neither a day nor a time"):
        parse_side(venue, "yesterday/2026-03-02")


def test_a_machine_reads_why_nothing_can_be_told(venue: Venue) -> None:
    sides = ["--a", "2026-03-02/2026-03-02", "--b", "2026-03-03/2026-03-03"]
    result = CliRunner().invoke(
        make_app(), ["compare", "--venue", str(venue.folder), *sides, "--json", "--zone", "A"]
    )
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["unit"] is None
    assert told["days_a"] == ["2026-03-02"]
    assert told["hours"] == [10.0, 11.0]
    assert {change["refusal"] for change in told["changes"]} == {"too_few_days"}
    assert told["changes"][0]["sentence"].endswith("not compared, there are too few days.")


def test_a_figure_that_there_is_not_is_refused(venue: Venue) -> None:
    result = CliRunner().invoke(
        make_app(), ["compare", "--venue", str(venue.folder), "--a", "1", "--b", "1", "--metric", "happiness"]
    )
    assert result.exit_code == 2


def test_the_command_counts_changes_and_folds_the_rest(venue: Venue) -> None:
    sides = ["--a", "2026-03-02/2026-03-02", "--b", "2026-03-03/2026-03-03"]
    command = ["compare", "--venue", str(venue.folder), *sides, "--zone", "A", "--metric", "mean_dwell"]
    folded = CliRunner().invoke(make_app(), command).stderr
    assert "Not compared (1): A: Mean dwell" in folded
    assert "too few days" not in folded
    assert "--all" in folded
    assert "there are too few days." in CliRunner().invoke(make_app(), [*command, "--all"]).stderr
