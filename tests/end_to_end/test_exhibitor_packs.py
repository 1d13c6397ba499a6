"""A report for each stand: into a folder or one file, in each exhibitor's language, with an index."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pypdfium2
import pytest

from app.cli.program import main
from app.core.document import Venue
from app.core.file_format import write_venue
from app.print.report_preview import render_pages
from app.reports.make_report import ReportOrder, make_report
from app.reports.report_template import Template
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through

# painting makes an application without windows where there is none, and a later test needs one with them
pytestmark = pytest.mark.usefixtures("qapp")

START_S = NOW_UTC_S - 7200.0


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(
        Path(tmp_path_factory.mktemp("packed")), zone_names=("A/B: robots", "VR corner", "Café")
    )
    walk_through(venue, start_s=START_S, duration_s=1200, people=40)
    write_venue(venue)
    return venue


def order(hall: Venue, out: Path) -> list[str]:
    return ["exhibitor-packs", "--venue", str(hall.folder), "--out", str(out)]


def test_each_stand_gets_a_report_in_its_language(hall: Venue, tmp_path: Path) -> None:
    out = tmp_path / "packs"
    arguments = [
        "exhibitor-packs",
        "--venue",
        str(hall.folder),
        "--out",
        str(out),
        "--stand-language",
        "Café=zh_CN",
    ]
    assert main(arguments) == 0
    assert sorted(file.name for file in out.iterdir()) == [
        "A-B- robots.pdf",
        "Café.pdf",
        "VR corner.pdf",
        "index.csv",
    ]
    texts = {
        file.stem: pypdfium2.PdfDocument(file)[0].get_textpage().get_text_bounded()
        for file in out.glob("*.pdf")
    }
    assert "您的展位" in texts["Café"]
    assert "Your stand" in texts["A-B- robots"]
    for stem, text in texts.items():
        assert not [other for other in ("robots", "VR corner", "Café") if other not in stem and other in text]
    with (out / "index.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["stand"]: (row["language"], row["file"]) for row in csv.DictReader(stream)}
    assert rows["Café"] == ("zh_CN", "Café.pdf")
    # the folder is not written into again
    assert main(arguments) != 0


def test_packs_are_written_into_one_zip_file(hall: Venue, tmp_path: Path) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    out = folder / "packs.zip"
    assert main([*order(hall, out), "--format", "html", "--stand", "Café"]) == 0
    with zipfile.ZipFile(out) as archive:
        assert sorted(archive.namelist()) == ["Café.html", "index.csv"]
    assert [file.name for file in folder.iterdir()] == ["packs.zip"]


@pytest.mark.parametrize(
    "wrong",
    [["--stand", "None"], ["--stand-language", "Café=fr"], ["--from", "2020-01-01"], ["--format", "docx"]],
)
def test_invalid_options_leave_no_files(hall: Venue, tmp_path: Path, wrong: list[str]) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    assert main([*order(hall, folder / "packs"), *wrong]) != 0
    assert list(folder.iterdir()) == []


def test_the_preview_matches_the_printed_pages(hall: Venue) -> None:
    content = make_report(hall, ReportOrder(Template.STAND, (START_S, START_S + 1200), stand="Café"))
    pages = render_pages(content, pixels_per_point=1.0)
    assert {(page.width, page.height) for page in pages} == {(595, 842)}
    assert pages[0].to_image().pixelColor(300, 3).name() == content.branding.colour
