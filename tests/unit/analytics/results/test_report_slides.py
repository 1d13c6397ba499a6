"""The key pages of a report as slides: read again, every word and number is there."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pptx
import pytest

from analytics.results.content import CellKind, ReportColumn, Section, Table
from analytics.results.pptx_writer import MAX_ROWS, write_pptx
from app.print.report_files import draw_png
from tests.support.reports.sample_report import make_sample_report

# painting makes an application without windows where there is none, and a later test needs one with them
pytestmark = pytest.mark.usefixtures("qapp")


def read_slides(file: Path) -> list[str]:
    found = []
    for slide in pptx.Presentation(str(file)).slides:
        words = []
        for shape in slide.shapes:
            if shape.has_text_frame:
                words.append(shape.text_frame.text)
            if shape.has_table:
                words += [cell.text for row in shape.table.rows for cell in row.cells]
        found.append("\n".join(words))
    return found


def test_the_slides_contain_every_section(tmp_path: Path) -> None:
    content = make_sample_report()
    write_pptx(
        tmp_path / "fair.pptx",
        content,
        draw=lambda chart: draw_png(chart, colour=content.branding.colour, time_zone=content.time_zone),
    )
    slides = read_slides(tmp_path / "fair.pptx")
    text = "\n".join(slides)
    for words in (
        "每日概要",
        "深圳会展公司",
        "今天有 1,008 人进入展馆。",
        "42 秒",
        "42.1 (40.0–44.5)",
        "98.7 %",
        "咖啡厅未观测。",
        "停留热力图",
    ):
        assert words in text, words
    deck = pptx.Presentation(str(tmp_path / "fair.pptx"))
    pictures = [shape for slide in deck.slides for shape in slide.shapes if shape.shape_type == 13]
    assert len(pictures) == 3
    for picture in pictures:
        assert picture.left >= 0
        assert picture.left + picture.width <= deck.slide_width
        assert picture.top + picture.height <= deck.slide_height
    assert deck.core_properties.title == "每日概要"


def test_a_long_table_is_split_across_slides(tmp_path: Path) -> None:
    columns = (ReportColumn("n", "Number", CellKind.COUNT),)
    table = Table("long", "Long", columns, tuple((n,) for n in range(2 * MAX_ROWS + 1)))
    content = dataclasses.replace(make_sample_report(), sections=(Section("long", "Long", (table,)),))
    write_pptx(tmp_path / "long.pptx", content, draw=lambda _chart: b"")
    slides = read_slides(tmp_path / "long.pptx")
    assert len(slides) == 4
    assert all("Number" in slide for slide in slides[1:])
    assert f"\n{2 * MAX_ROWS}" in slides[-1]
