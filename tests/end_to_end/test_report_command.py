"""Report command: templates, formats, options and errors."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pypdfium2
import pytest

from analytics.results.content import KeyFigures, LineChart, ReportContent, Table
from app.cli.program import main
from app.core.document import Venue
from app.core.file_format import write_venue
from app.exhibition.exhibition_analysis import analyse_exhibition
from app.facts.period_facts import read_period_facts
from app.print.report_files import write_report_file
from app.reports.make_report import ReportOrder, make_report
from app.reports.report_template import (
    ReportFormat,
    SectionKey,
    Template,
    parse_sections,
)
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through

# painting makes an application without windows where there is none, and a later test needs one with them
pytestmark = pytest.mark.usefixtures("qapp")

START_S = NOW_UTC_S - 7200.0
PERIOD_S = (START_S, START_S + 1800.0)
DAY_S = 86_400.0


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(Path(tmp_path_factory.mktemp("reported")))
    for day, seed in ((1, 2), (0, 1)):
        walk_through(venue, start_s=START_S - day * DAY_S, duration_s=1800, people=50, seed=seed)
    write_venue(venue)
    return venue


@pytest.fixture(scope="module")
def daily(hall: Venue) -> ReportContent:
    return make_report(hall, ReportOrder(Template.DAILY, PERIOD_S))


def find_table(content: ReportContent, key: str) -> Table:
    (table,) = [table for table in content.list_tables() if table.key == key]
    return table


def test_a_report_has_the_same_figures_as_the_pages(hall: Venue, daily: ReportContent) -> None:
    from analytics.rollups.period_zones import summarise_period_zones

    facts = read_period_facts(venue=hall, period_s=PERIOD_S)
    shown = analyse_exhibition(venue=hall, period_s=PERIOD_S)
    assert facts is not None
    assert shown is not None
    zones = summarise_period_zones(facts)
    for row in find_table(daily, "zones").rows:
        own = zones[str(row[0])]
        assert row[1] == (own.visits.value, *(own.visits.interval or (None, None)))
        assert row[2][0] == own.mean_dwell_s.value  # type: ignore[index]
        assert row[3] == (own.median_dwell_s.value, *(own.median_dwell_s.interval or (None, None)))
    (figures,) = [block for block in daily.list_blocks() if isinstance(block, KeyFigures)]
    card = {entry.figure.value: entry.measured.value for entry in shown.entries}
    assert {figure.key: figure.value for figure in figures.figures} == {
        figure.key: card[figure.key] for figure in figures.figures
    }
    stands = {stand.zone: stand for stand in shown.stands}
    for row in find_table(daily, "stands").rows:
        assert row[1] == stands[str(row[0])].exposed
    (people,) = [block for block in daily.list_blocks() if isinstance(block, LineChart)]
    assert len(people.x) >= 25


def test_all_sections_but_the_first_can_be_left_out(hall: Venue) -> None:
    left_out = parse_sections(["summary", "flows", "methods"])
    content = make_report(hall, ReportOrder(Template.DAILY, PERIOD_S, left_out=left_out))
    keys = [section.key for section in content.sections]
    assert keys[0] == "summary"
    assert not {"flows", "methods"} & set(keys)
    assert SectionKey.DWELL.value in keys


def test_every_format_has_the_same_numbers(tmp_path: Path, daily: ReportContent) -> None:
    visits = find_table(daily, "zones").rows[0][1][0]  # type: ignore[index]
    files = {chosen: write_report_file(tmp_path / "report", daily, chosen) for chosen in ReportFormat}
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted({file.name for file in files.values()})
    text = "".join(
        page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(files[ReportFormat.PDF])
    )
    assert "Daily summary" in text
    assert f"{visits:,}" in text
    sheet = openpyxl.load_workbook(files[ReportFormat.XLSX])["Visits and dwell time by zone"]
    assert sheet["B2"].value == visits
    assert f">{visits:,}<" in files[ReportFormat.HTML].read_text(encoding="utf-8")
    with zipfile.ZipFile(write_report_file(tmp_path / "tables", daily, ReportFormat.CSV)) as archive:
        assert {"zones.csv", "stands.csv", "columns.csv"} <= set(archive.namelist())
        assert archive.read("zones.csv").decode().splitlines()[1].split(",")[1] == str(visits)


def test_the_command_writes_the_last_day(
    hall: Venue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "today.html"
    assert main(["report", "--venue", str(hall.folder), "--out", str(out), "--language", "zh_CN"]) == 0
    page = out.read_text(encoding="utf-8")
    assert "每日概要" in page
    assert "2026年3月14日" in page
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "2020-01-01"], "Nothing was observed"),
        (["--from", "2026-03-03", "--to", "2026-03-02"], "The period ends before it begins."),
        (["--template", "diary"], "There is no report 'diary'"),
        (["--template", "stand"], "No stand was chosen"),
        (["--template", "certificate"], "has not been measured yet"),
        (["--template", "stand", "--stand", "Nobody"], "There is no stand 'Nobody'"),
        (["--stand", "Nobody"], "not the stand 'Nobody'"),
        (["--before", "2026-03-13/2026-03-13"], "This report has no comparison"),
        (["--format", "docx"], "There is no report format 'docx'"),
        (["--without", "weather"], "There is no section 'weather'"),
        (["--colour", "blue"], "'blue' is not a colour"),
        (["--logo", "/nowhere/logo.png"], "logo.png"),
    ],
)
def test_invalid_options_are_rejected_without_a_file(
    hall: Venue, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    command = ["report", "--venue", str(hall.folder), "--out", str(folder / "report.pdf"), *arguments]
    assert main(command) != 0
    assert message in capsys.readouterr().err.replace("\n", " ")
    assert list(folder.iterdir()) == []


def test_a_stands_report_does_not_name_other_stands(hall: Venue) -> None:
    content = make_report(hall, ReportOrder(Template.STAND, PERIOD_S, stand="Robotics"))
    message = repr(content.sections)
    assert "Café" not in message
    assert "fewer than 5 other stands" in message
