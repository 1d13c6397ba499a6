"""Main pages of a report as slides: titles, key figures, sentences, charts as pictures, editable tables."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from analytics.results.cell_text import format_cell, format_heading
from analytics.results.content import (
    BarChart,
    Bullets,
    FloorMap,
    KeyFigure,
    KeyFigures,
    LineChart,
    Paragraph,
    ReportContent,
    Section,
    Table,
    Weight,
)

DrawPicture = Callable[[BarChart | LineChart | FloorMap], bytes]
"""Draws a chart as PNG."""

WIDTH_IN, HEIGHT_IN = 13.333, 7.5
MARGIN_IN = 0.6
MAX_ROWS = 14
MAX_SENTENCES = 8
FONT = "Microsoft YaHei"
"""A font that systems with Chinese slides have or replace."""
_FIGURES_PER_ROW = 3


def write_pptx(path: Path, content: ReportContent, *, draw: DrawPicture) -> None:
    """Write slides in 16:9.

    Args:
        draw: returns a chart or map as PNG.

    Raises:
        OSError: the file cannot be written.
    """
    import pptx
    from pptx.util import Inches

    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH_IN), Inches(HEIGHT_IN)
    deck.core_properties.title = content.title
    deck.core_properties.subject = content.period_text
    deck.core_properties.author = content.branding.organiser
    slides = _Slides(deck, content)
    slides.add_title()
    for section in content.sections:
        slides.add_sentences(section)
        for block in section.blocks:
            if isinstance(block, KeyFigures):
                slides.add_figures(section.title, block.figures)
            elif isinstance(block, BarChart | LineChart | FloorMap):
                slides.add_picture(block.title, draw(block), block.note)
            elif isinstance(block, Table):
                slides.add_table(block)
    deck.save(str(path))


class _Slides:
    """The slides of one deck."""

    def __init__(self, deck: Any, content: ReportContent) -> None:
        from pptx.dml.color import RGBColor

        self._deck, self._content = deck, content
        red, green, blue = bytes.fromhex(content.branding.colour.lstrip("#"))
        self._colour = RGBColor(red, green, blue)  # type: ignore[no-untyped-call]

    def add_title(self) -> None:
        """Add the title, venue, period and organiser."""
        content, slide = self._content, self._add("")
        self._write(slide, content.title, (MARGIN_IN, 2.4, 1.0), size=44, is_bold=True)
        facts = " · ".join(part for part in (content.subtitle, content.venue, content.period_text) if part)
        self._write(slide, facts, (MARGIN_IN, 3.5, 0.8), size=20)
        self._write(slide, content.branding.organiser, (MARGIN_IN, 0.6, 0.6), size=16, is_bold=True)
        if content.branding.logo is not None and not content.branding.logo.lstrip().startswith(b"<"):
            from pptx.util import Inches

            logo = io.BytesIO(content.branding.logo)
            slide.shapes.add_picture(logo, Inches(WIDTH_IN - 3.2), Inches(0.5), height=Inches(0.8))

    def add_sentences(self, section: Section) -> None:
        """Add the sentences of a section, if any are not small print."""
        sentences: list[str] = []
        for block in section.blocks:
            if isinstance(block, Paragraph) and block.weight is not Weight.SMALL:
                sentences.append(block.text)
            elif isinstance(block, Bullets):
                sentences += block.sentences
        for first in range(0, len(sentences), MAX_SENTENCES):
            slide = self._add(section.title)
            self._write(slide, sentences[first : first + MAX_SENTENCES], (MARGIN_IN, 1.5, 5.2), size=18)

    def add_figures(self, title: str, figures: Iterable[KeyFigure]) -> None:
        """Add key figures, three per row."""
        slide = self._add(title)
        for number, figure in enumerate(figures):
            column, row = number % _FIGURES_PER_ROW, number // _FIGURES_PER_ROW
            left, top = MARGIN_IN + column * 4.1, 1.6 + row * 1.9
            self._write(slide, figure.name, (left, top, 0.4), size=14, width_in=3.9)
            self._write(slide, figure.shown, (left, top + 0.35, 0.7), size=34, is_bold=True, width_in=3.9)
            below = "  ".join(part for part in (figure.interval, figure.change) if part)
            self._write(slide, below, (left, top + 1.05, 0.4), size=12, width_in=3.9)

    def add_picture(self, title: str, picture: bytes, note: str) -> None:
        """Add a chart as large as it fits."""
        from pptx.util import Inches

        slide = self._add(title)
        shape = slide.shapes.add_picture(io.BytesIO(picture), Inches(MARGIN_IN), Inches(1.4))
        room_w, room_h = Inches(WIDTH_IN - 2 * MARGIN_IN), Inches(HEIGHT_IN - 2.3)
        scale = min(room_w / shape.width, room_h / shape.height)
        shape.width, shape.height = round(shape.width * scale), round(shape.height * scale)
        shape.left = round((Inches(WIDTH_IN) - shape.width) / 2)
        shape.name = title
        self._write(slide, note, (MARGIN_IN, HEIGHT_IN - 0.75, 0.4), size=12)

    def add_table(self, table: Table) -> None:
        """Add a table, split across slides by rows."""
        from pptx.util import Inches, Pt

        for first in range(0, max(1, len(table.rows)), MAX_ROWS):
            rows = table.rows[first : first + MAX_ROWS]
            slide = self._add(table.title)
            shape = slide.shapes.add_table(
                len(rows) + 1, len(table.columns), Inches(MARGIN_IN), Inches(1.4),
                Inches(WIDTH_IN - 2 * MARGIN_IN), Inches(0.34 * (len(rows) + 1)),
            )  # fmt: skip
            grid = shape.table
            for column, described in enumerate(table.columns):
                heading = format_heading(described.title, described.unit, self._content)
                self._fill(grid.cell(0, column), heading, Pt(12), is_bold=True)
                for row, cells in enumerate(rows, start=1):
                    value, interval = format_cell(cells[column], described, self._content)
                    self._fill(grid.cell(row, column), f"{value} ({interval})" if interval else value, Pt(11))
            self._write(slide, table.note, (MARGIN_IN, HEIGHT_IN - 0.6, 0.4), size=12)

    def _fill(self, cell: Any, text: str, size: Any, *, is_bold: bool = False) -> None:
        cell.text = text
        for paragraph in cell.text_frame.paragraphs:
            for run in paragraph.runs:
                run.font.size, run.font.bold, run.font.name = size, is_bold, FONT
        if is_bold:
            cell.fill.solid()
            cell.fill.fore_color.rgb = self._colour

    def _add(self, title: str) -> Any:
        from pptx.util import Inches

        slide = self._deck.slides.add_slide(self._deck.slide_layouts[5])
        bar = slide.shapes.add_shape(1, 0, 0, Inches(WIDTH_IN), Inches(0.14))
        bar.fill.solid()
        bar.fill.fore_color.rgb = self._colour
        bar.line.fill.background()
        holder = slide.shapes.title
        holder.left, holder.top = Inches(MARGIN_IN), Inches(0.35)
        holder.width, holder.height = Inches(WIDTH_IN - 2 * MARGIN_IN), Inches(0.9)
        if title:
            holder.text_frame.text = title
            self._style(holder.text_frame, size=28, is_bold=True)
        else:
            holder.element.getparent().remove(holder.element)
        return slide

    def _write(
        self,
        slide: Any,
        text: str | list[str],
        place: tuple[float, float, float],
        *,
        size: int,
        is_bold: bool = False,
        width_in: float = WIDTH_IN - 2 * MARGIN_IN,
    ) -> None:
        """Write text at left, top and of a height in inches; several sentences as paragraphs."""
        from pptx.util import Inches

        if not text:
            return
        left, top, height = place
        box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width_in), Inches(height))
        frame = box.text_frame
        frame.word_wrap = True
        sentences = [text] if isinstance(text, str) else text
        for number, sentence in enumerate(sentences):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.text = sentence
        self._style(frame, size=size, is_bold=is_bold)

    def _style(self, frame: Any, *, size: int, is_bold: bool) -> None:
        from pptx.enum.text import PP_ALIGN
        from pptx.util import Pt

        for paragraph in frame.paragraphs:
            paragraph.alignment = PP_ALIGN.LEFT
            paragraph.space_after = Pt(6)
            for run in paragraph.runs:
                run.font.size, run.font.bold, run.font.name = Pt(size), is_bold, FONT
