"""Every template in both languages, as a reader finds it on paper: all words and numbers, in their places."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from analytics.results.content import ReportContent
from app.core.document import Venue
from app.core.file_format import write_venue
from app.print.report_files import write_report_file
from app.reports.make_report import ReportOrder, make_report
from app.reports.report_template import SECTIONS, ReportFormat, Template
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through
from tests.support.reports.made_reports import (
    OF_MANY_DAYS,
    ReportedVenues,
    list_words,
    share_reported_venues,
    squeeze,
)
from tests.support.reports.report_pictures import (
    MAX_DIFFERENCE,
    compare_pages,
    draw_sample_pages,
    read_pictures,
)

HOUR_S = 3600.0
SECOND_S = NOW_UTC_S - 2 * HOUR_S
FIRST_S = SECOND_S - 24 * HOUR_S

# painting makes an application without windows where there is none, and a later test needs one with them
pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(scope="module")
def venues(tmp_path_factory: pytest.TempPathFactory) -> ReportedVenues:
    return share_reported_venues(tmp_path_factory)


def read_pdf(content: ReportContent, folder: Path) -> str:
    file = write_report_file(folder / "report", content, ReportFormat.PDF)
    printed = subprocess.run(
        ["pdftotext", "-raw", str(file), "-"], capture_output=True, text=True, timeout=60, check=True
    )
    return squeeze(printed.stdout)


def find_missing(content: ReportContent, text: str) -> list[str]:
    return [words for words in list_words(content) if words and squeeze(words) not in text]


@pytest.mark.parametrize(
    "template",
    [pytest.param(one, marks=pytest.mark.slow) if one in OF_MANY_DAYS else one for one in Template],
)
@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.slow), "zh_CN"])
def test_the_pdf_contains_every_text_and_number(
    venues: ReportedVenues, template: Template, language: str, tmp_path: Path
) -> None:
    content = venues.make(template, language)
    assert content.sections[0].key == SECTIONS[template][0].value
    titles = [content.title, *(section.title for section in content.sections)]
    is_chinese = [any("\u4e00" <= letter <= "\u9fff" for letter in title) for title in titles]
    assert is_chinese == [language == "zh_CN"] * len(titles)
    text = read_pdf(content, tmp_path)
    assert find_missing(content, text) == []
    assert count_numbers(content) > 8


@pytest.fixture(scope="module")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    """A hall of three stands, observed for a quarter of an hour on each of two days."""
    venue = make_hall(tmp_path_factory.mktemp("two-days"))
    for start_s in FIRST_S, SECOND_S:
        walk_through(venue, start_s=start_s, duration_s=900.0)
    write_venue(venue)
    return venue


@pytest.mark.parametrize("template", OF_MANY_DAYS)
def test_the_pdf_of_a_short_history_contains_every_text_and_number(
    two_days: Venue, template: Template, tmp_path: Path
) -> None:
    whole_s = (FIRST_S - HOUR_S, SECOND_S + HOUR_S)
    if template is Template.COMPARISON:
        order = ReportOrder(
            template, (SECOND_S, whole_s[1]), "zh_CN", before_s=(FIRST_S, FIRST_S + 2 * HOUR_S)
        )
    else:
        order = ReportOrder(template, whole_s, "zh_CN")
    content = make_report(two_days, order)
    assert content.sections[0].key == SECTIONS[template][0].value
    assert find_missing(content, read_pdf(content, tmp_path)) == []
    assert count_numbers(content) > 8


def count_numbers(content: ReportContent) -> int:
    return len([word for word in list_words(content) if any(letter.isdigit() for letter in word)])


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_pages_match_the_reference_images(language: str, tmp_path: Path) -> None:
    pages = draw_sample_pages(language, tmp_path)
    kept = read_pictures(language)
    assert len(pages) == len(kept)
    differences = [compare_pages(page, known) for page, known in zip(pages, kept, strict=True)]
    assert max(differences) <= MAX_DIFFERENCE, differences
