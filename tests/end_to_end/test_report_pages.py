"""Every template in both languages, as a reader finds it on paper: all words and numbers, in their places."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from analytics.reports.content import KeyFigures, ReportContent, Section, Table
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
    told = subprocess.run(
        ["pdftotext", "-raw", str(file), "-"], capture_output=True, text=True, timeout=60, check=True
    )
    return squeeze(told.stdout)


def find_missing(content: ReportContent, text: str) -> list[str]:
    return [words for words in list_words(content) if words and squeeze(words) not in text]


@pytest.mark.parametrize(
    "template",
    [pytest.param(one, marks=pytest.mark.slow) if one in OF_MANY_DAYS else one for one in Template],
)
@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.slow), "zh_CN"])
def test_every_word_and_number_of_a_report_is_in_its_pdf(
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
def test_every_word_and_number_of_a_report_of_few_days_is_in_its_pdf(
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


def change_first_number(content: ReportContent) -> Iterator[ReportContent]:
    """The report with one figure larger by a thousandth, or with one cell more."""
    for number, section in enumerate(content.sections):
        for place, block in enumerate(section.blocks):
            if isinstance(block, KeyFigures):
                first, *others = block.figures
                changed = dataclasses.replace(first, shown=f"{(first.value or 0) + 1001:,.0f}")
                yield put_block(content, number, place, KeyFigures((changed, *others)))
            elif isinstance(block, Table) and block.rows:
                row = tuple(f"{cell}?" if isinstance(cell, str) else cell for cell in block.rows[0])
                yield put_block(
                    content, number, place, dataclasses.replace(block, rows=(row, *block.rows[1:]))
                )


def put_block(content: ReportContent, number: int, place: int, block: KeyFigures | Table) -> ReportContent:
    section = content.sections[number]
    blocks = (*section.blocks[:place], block, *section.blocks[place + 1 :])
    changed = Section(section.key, section.title, blocks)
    return dataclasses.replace(
        content, sections=(*content.sections[:number], changed, *content.sections[number + 1 :])
    )


def test_a_number_that_is_not_on_the_pages_is_missed(venues: ReportedVenues, tmp_path: Path) -> None:
    content = venues.make(Template.DAILY, "zh_CN")
    text = read_pdf(content, tmp_path)
    others = list(change_first_number(content))
    assert len(others) > 4
    assert all(find_missing(other, text) for other in others)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_pages_look_as_they_did(language: str, tmp_path: Path) -> None:
    pages = draw_sample_pages(language, tmp_path)
    kept = read_pictures(language)
    assert len(pages) == len(kept)
    differences = [compare_pages(page, known) for page, known in zip(pages, kept, strict=True)]
    assert max(differences) <= MAX_DIFFERENCE, differences


@pytest.mark.parametrize("change", ["moved", "recoloured", "gone"])
def test_a_changed_element_is_seen_on_a_picture(change: str) -> None:
    first = read_pictures("zh_CN")[0]
    changed = first.copy()
    # the first key figure's panel
    rows, columns = slice(190, 240), slice(30, 150)
    panel = first[rows, columns].copy()
    if change == "moved":
        changed[rows, columns] = 255
        changed[rows.start + 3 : rows.stop + 3, columns] = panel
    elif change == "recoloured":
        changed[rows, columns] = np.where(panel > 200, panel, 230)
    else:
        changed[rows, columns] = 255
    assert compare_pages(changed, first) > 2 * MAX_DIFFERENCE
