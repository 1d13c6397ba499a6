"""Reports as PDF: every word can be found, sections have bookmarks, tables go on with their headings."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage

from analytics.domain.errors import OutputError
from analytics.reports.content import BarChart, CellKind, ReportColumn, ReportContent, Section, Table
from app.print.chart_painter import find_ticks, format_tick, measure_bars, split_bars
from app.print.floor_painter import make_heat_image
from app.print.report_document import Piece, make_space, paint_report, place_pieces, read_logo, write_report
from tests.support.reports.sample_report import make_sample_report

# painting makes an application without windows where there is none, and a later test needs one with them
pytestmark = pytest.mark.usefixtures("qapp")

SVG_LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="10">'
    b'<rect width="30" height="10" fill="red"/></svg>'
)


def read_pages(data: bytes) -> list[str]:
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(data)]


def make_long_report(rows: int) -> ReportContent:
    columns = (ReportColumn("name", "Name", CellKind.TEXT), ReportColumn("n", "Number", CellKind.COUNT))
    table = Table("long", "Long table", columns, tuple((f"row {n}", n) for n in range(rows)))
    return dataclasses.replace(make_sample_report(), sections=(Section("long", "Long", (table,)),))


def test_chinese_words_numbers_and_bookmarks_are_there() -> None:
    data = paint_report(make_sample_report())
    document = pypdfium2.PdfDocument(data)
    text = "".join(read_pages(data))
    for words in (
        "每日概要",
        "今天有 1,008 人进入展馆。",
        "42.1",
        "98.7 %",
        "机器人",
        "咖啡厅未观测。",
        "开幕演讲",
        "人·秒/m²",
    ):
        assert words in text, words
    assert "2026-11-24 10:01:01" in text
    assert "第 1 页，共 2 页" in text
    assert [entry.get_title() for entry in document.get_toc()] == ["每日概要", "概要", "停留"]
    assert document.get_metadata_dict()["Title"] == "每日概要"
    assert document.get_metadata_dict()["Subject"] == "2026-11-24 10:00–14:00"


def test_a_long_table_goes_on_with_its_heading() -> None:
    pages = read_pages(paint_report(make_long_report(150)))
    assert len(pages) > 2
    assert all(page.count("Number") == 1 for page in pages)
    found = [line for page in pages for line in page.splitlines() if line.startswith("row ")]
    assert len(found) == 150


def test_a_heading_is_not_left_behind_by_what_it_is_about() -> None:
    def nothing(*_: object) -> None: ...

    rest, heading, text = Piece(80.0, nothing), Piece(15.0, nothing, keeps_next=True), Piece(10.0, nothing)
    first, second = place_pieces([rest, heading, text], top=0.0, bottom=100.0)
    assert [one.piece for one in first] == [rest]
    assert [(one.piece, one.y) for one in second] == [(heading, 0.0), (text, 15.0)]
    (only,) = place_pieces([Piece(500.0, nothing)], top=0.0, bottom=100.0)
    assert len(only) == 1


def test_space_makes_no_page_of_its_own() -> None:
    def nothing(*_: object) -> None: ...

    text = Piece(95.0, nothing)
    first, second = place_pieces([text, make_space(10.0), text, make_space(10.0)], top=0.0, bottom=100.0)
    assert [(one.piece, one.y) for one in first] == [(text, 0.0)]
    assert [(one.piece, one.y) for one in second] == [(text, 0.0)]


def test_bars_that_do_not_fit_on_a_page_go_on_on_the_next_one() -> None:
    names = tuple(f"stand {number}" for number in range(100))
    chart = BarChart("dwell", "Dwell", names, np.arange(100.0), "s")
    report = dataclasses.replace(make_sample_report(), sections=(Section("dwell", "Dwell", (chart,)),))
    pages = read_pages(paint_report(report))
    found = [line for page in pages for line in page.splitlines() if line.startswith("stand ")]
    assert len(found) == 100
    assert len(pages) == 3
    parts = split_bars(chart)
    assert [len(part.values) for part in parts] == [36, 36, 28]
    assert measure_bars(parts[0]) < 600


def test_a_heat_image_fades_where_little_is_and_is_clear_where_nobody_looked() -> None:
    floor = make_sample_report().sections[1].blocks[3]
    image = make_heat_image(floor)  # type: ignore[arg-type]
    assert (image.width(), image.height()) == (12, 8)
    assert image.pixelColor(11, 0).alpha() == 0
    assert image.pixelColor(0, 7).alpha() == 0
    assert image.pixelColor(9, 0).alpha() > 200
    # the highest y comes first, and most is the lightest
    assert image.pixelColor(9, 0).lightness() > image.pixelColor(9, 6).lightness()


@pytest.mark.parametrize(
    ("top", "step", "count"), [(20.0, 5.0, 5), (0.9, 0.2, 6), (1.0e4, 2000.0, 6), (7.0, 2.0, 5)]
)
def test_axes_have_round_numbers(top: float, step: float, count: int) -> None:
    np.testing.assert_allclose(find_ticks(top), step * np.arange(count))


def test_ticks_have_the_decimals_that_they_need() -> None:
    assert [format_tick(1234.0, 2000.0), format_tick(1.5, 3.0), format_tick(0.25, 1.0)] == [
        "1,234",
        "1.5",
        "0.25",
    ]


def test_logos_are_read_whatever_they_are_and_others_refused() -> None:
    image, content = QImage(8, 4, QImage.Format.Format_RGB32), QByteArray()
    image.fill(0)
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    found = read_logo(content.data())
    assert found is not None
    assert (found.width(), found.height()) == (8, 4)
    drawn = read_logo(SVG_LOGO)
    assert drawn is not None
    assert drawn.pixelColor(10, 10).red() == 255
    assert read_logo(None) is None
    for wrong in (b"no picture", b"", SVG_LOGO.replace(b"<rect", b"<script/><rect"), b"x" * 6_000_000):
        with pytest.raises(OutputError, match="logo"):
            read_logo(wrong)


def test_nothing_is_left_under_a_name_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_report(tmp_path / "nowhere" / "report.pdf", make_sample_report())
    write_report(tmp_path / "report.pdf", make_sample_report())
    assert [file.name for file in tmp_path.iterdir()] == ["report.pdf"]
