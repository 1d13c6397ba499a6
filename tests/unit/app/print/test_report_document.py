"""Reports as PDF: every word can be found, sections have bookmarks, tables go on with their headings."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pypdfium2
import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage

from analytics.domain.errors import OutputError
from analytics.results.content import (
    BarChart,
    Bullets,
    CellKind,
    FloorMap,
    FloorZone,
    Paragraph,
    ReportColumn,
    ReportContent,
    Ring,
    Section,
    Table,
    Weight,
)
from app.print.chart_painter import measure_bars, split_bars
from app.print.floor_painter import PIXELS_PER_CELL, Box, make_heat_image, place_labels
from app.print.pdf_file import paint_pages
from app.print.report_document import Piece, fill_pages, make_space, paint_report, place_pieces, read_logo
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


def test_the_pdf_has_searchable_chinese_text_and_bookmarks() -> None:
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
    assert "10:01" in text
    assert "第 1 页，共 2 页" in text
    assert [entry.get_title() for entry in document.get_toc()] == ["每日概要", "概要", "停留"]
    assert document.get_metadata_dict()["Title"] == "每日概要"
    assert document.get_metadata_dict()["Subject"] == "2026-11-24 10:00–14:00"


def test_a_long_table_repeats_its_heading() -> None:
    pages = read_pages(paint_report(make_long_report(150)))
    assert len(pages) > 2
    assert all(page.count("Number") == 1 for page in pages)
    found = [line for page in pages for line in page.splitlines() if line.startswith("row ")]
    assert len(found) == 150


def test_a_heading_stays_with_its_content() -> None:
    def nothing(*_: object) -> None: ...

    rest, heading, text = Piece(80.0, nothing), Piece(15.0, nothing, keeps_next=True), Piece(10.0, nothing)
    first, second = place_pieces([rest, heading, text], top=0.0, bottom=100.0)
    assert [one.piece for one in first] == [rest]
    assert [(one.piece, one.y) for one in second] == [(heading, 0.0), (text, 15.0)]
    (only,) = place_pieces([Piece(500.0, nothing)], top=0.0, bottom=100.0)
    assert len(only) == 1


def test_a_leading_sentence_stays_with_its_bullets() -> None:
    end = (Paragraph("The headline.", Weight.LEAD), Bullets(("The evidence.",)))
    for lines in range(25, 45):
        blocks = (*[Paragraph("A line.")] * lines, *end, *[Paragraph("A line.")] * 20)
        report = dataclasses.replace(make_sample_report(), sections=(Section("long", "Long", blocks),))
        pages = read_pages(paint_report(report))
        assert any("The headline." in page and "The evidence." in page for page in pages), lines


def test_blank_space_starts_no_page() -> None:
    def nothing(*_: object) -> None: ...

    text = Piece(95.0, nothing)
    first, second = place_pieces([text, make_space(10.0), text, make_space(10.0)], top=0.0, bottom=100.0)
    assert [(one.piece, one.y) for one in first] == [(text, 0.0)]
    assert [(one.piece, one.y) for one in second] == [(text, 0.0)]


def test_long_bar_charts_are_split_across_pages() -> None:
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


def test_heat_images_fade_low_values_and_hide_unobserved_cells() -> None:
    floor = make_sample_report().sections[1].blocks[3]
    image = make_heat_image(floor)  # type: ignore[arg-type]
    size = PIXELS_PER_CELL
    assert (image.width(), image.height()) == (12 * size, 8 * size)

    def read_cell(column: int, row: int) -> QColor:
        return image.pixelColor(column * size + size // 2, row * size + size // 2)

    assert read_cell(11, 0).alpha() == 0
    assert read_cell(0, 7).alpha() == 0
    assert read_cell(9, 0).alpha() > 200
    # the highest y comes first, and most is the lightest
    assert read_cell(9, 0).lightness() > read_cell(9, 6).lightness()
    # neighbouring pixels differ little, where whole cells would step
    row = [image.pixelColor(x, image.height() // 2).lightness() for x in range(10 * size)]
    assert max(abs(a - b) for a, b in itertools.pairwise(row)) < 30


def test_a_table_that_fits_on_a_page_is_not_split() -> None:
    filler = Section("first", "First", (Bullets(tuple(f"sentence {n}" for n in range(36))),))
    report = make_long_report(20)
    pages = read_pages(paint_report(dataclasses.replace(report, sections=(filler, *report.sections))))
    assert ["row 0" in page and "row 19" in page for page in pages] == [False, True]


def test_a_map_gives_way_to_end_a_page() -> None:
    nothing = make_space(0.0).paint
    text, floor = Piece(60.0, nothing), Piece(50.0, nothing, least_height=35.0)
    reduced = dataclasses.replace(floor, reduce=lambda height: Piece(height, nothing))
    (only,) = place_pieces([text, reduced], top=0.0, bottom=100.0)
    assert only[1].piece.height == 40.0
    assert len(place_pieces([text, text, reduced], top=0.0, bottom=130.0)) == 2


def test_names_on_a_map_do_not_cover_each_other_and_the_first_have_precedence() -> None:
    def box(left: float, bottom: float, right: float, top: float) -> Ring:
        return ((left, bottom), (right, bottom), (right, top), (left, top))

    zones = (
        FloorZone("Robotics", box(0.0, 0.0, 4.0, 3.0)),
        FloorZone("Optics", box(4.0, 0.0, 8.0, 3.0), "96 %"),
        # long and thin beside the stands: there is room for its name further up
        FloorZone("East aisle south", box(8.0, 0.0, 9.0, 9.0)),
        FloorZone("Main entrance of the hall", box(0.0, 1.0, 0.5, 2.0)),
        FloorZone("Exit", box(39.0, 10.0, 40.0, 15.0)),
    )
    floor = FloorMap("map", "Map", box(0.0, 0.0, 40.0, 25.0), (), zones)
    edges = (0.0, 0.0, 400.0, 250.0)
    outlines = [[(10.0 * x, 250.0 - 10.0 * y) for x, y in zone.outline] for zone in zones]
    found: list[tuple[FloorZone, Box]] = []
    paint_pages(
        title="",
        creator="",
        paint=lambda page, _turn: found.extend(place_labels(page, floor, outlines, edges)),
    )
    boxes = [box for _, box in found]
    assert [zone.name for zone, _ in found] == ["Robotics", "Optics", "East aisle south", "Exit"]
    for one, other in itertools.combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    assert all(left >= 0.0 and right <= 400.0 for left, _, right, _ in boxes)


def test_a_last_page_of_few_lines_moves_to_the_one_before() -> None:
    text, space = Piece(30.0, make_space(0.0).paint), make_space(10.0)
    pieces = [text, space, text, space, text]
    assert len(place_pieces(pieces, top=0.0, bottom=100.0)) == 2
    assert len(fill_pages(pieces, top=0.0, bottom=100.0)) == 1


def test_logos_are_read_or_rejected() -> None:
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
