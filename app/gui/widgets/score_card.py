"""The exhibition as a whole on one card: every figure with its interval, and where others lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from app.gui.table_models.exhibition_words import (
    define_card_figure,
    format_card_interval,
    format_card_value,
    name_card_figure,
)
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.widgets.band_strip import BandStrip
from app.operations.exhibition_figures import Band, CardEntry, CardFigure


class ScoreCard(QFrame):
    """One row a figure; each says what it means, and who published the band, under the pointer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._entries: tuple[CardEntry, ...] = ()
        theme = current_theme()
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        grid.setHorizontalSpacing(theme.space_l)
        grid.setVerticalSpacing(theme.space_s)
        grid.setColumnStretch(4, 1)
        self._heads = tuple(QLabel(self) for _ in range(5))
        for column, head in enumerate(self._heads):
            head.setProperty("role", "small")
            grid.addWidget(head, 0, column)
        self._rows: dict[CardFigure, tuple[QLabel, QLabel, QLabel, QLabel, BandStrip]] = {}
        for number, figure in enumerate(CardFigure):
            labels = QLabel(self), QLabel(self), QLabel(self), QLabel(self)
            labels[1].setProperty("role", "title")
            for label in (labels[2], labels[3]):
                label.setProperty("role", "muted")
            strip = BandStrip(self)
            for column, widget in enumerate((*labels, strip)):
                grid.addWidget(widget, number + 1, column)
            self._rows[figure] = (*labels, strip)
        grid.setRowStretch(len(CardFigure) + 1, 1)
        self.retranslate()

    def show_entries(self, entries: Sequence[CardEntry]) -> None:
        """Show the figures of a period; none for dashes."""
        self._entries = tuple(entries)
        self.retranslate()

    def describe(self) -> tuple[str, ...]:
        """Every figure in words, for screen readers and tests."""
        return tuple(
            f"{name.text()}: {value.text()} {interval.text()}".strip()
            for name, value, interval, _, _ in self._rows.values()
        )

    def retranslate(self) -> None:
        """Take the window's language and units."""
        titles = ("", "", tr("95 % interval"), tr("before"), tr("published, where it is known"))
        for head, title in zip(self._heads, titles, strict=True):
            head.setText(title)
        known = {entry.figure: entry for entry in self._entries}
        for figure, (name, value, interval, before, strip) in self._rows.items():
            entry = known.get(figure)
            name.setText(name_card_figure(figure))
            measured = None if entry is None else entry.measured
            earlier = None if entry is None or entry.before is None else entry.before.value
            value.setText(format_card_value(None if measured is None else measured.value, figure))
            interval.setText("" if measured is None else format_card_interval(measured, figure))
            if (
                figure is CardFigure.DILIGENT
                and entry is not None
                and (measured is None or measured.value is None)
            ):
                # the one figure that needs whole ways
                interval.setText(tr("fewer than half seen throughout"))
            before.setText("" if earlier is None else format_card_value(earlier, figure))
            band = None if entry is None else entry.band
            if entry is not None:
                strip.show_figure(entry.measured, entry.before, band)
            explained = "\n\n".join(
                part for part in (define_card_figure(figure), _describe_band(figure, band)) if part
            )
            for widget in (name, value, interval, strip):
                widget.setToolTip(explained)
            strip.setAccessibleName(name.text())
            strip.setAccessibleDescription(f"{value.text()} {interval.text()}. {explained}")
        self.setAccessibleName(tr("Score card"))
        self.setAccessibleDescription("; ".join(self.describe()))

    def write_picture(self, path: Path) -> bool:
        """Write the card as PNG, or as SVG where the name ends so; False if it could not be written."""
        if path.suffix.lower() != ".svg":
            return self.grab().save(str(path))
        generator = QSvgGenerator()
        generator.setFileName(str(path))
        generator.setSize(QSize(self.width(), self.height()))
        generator.setViewBox(self.rect())
        painter = QPainter()
        if not painter.begin(generator):
            return False
        self.render(painter, QPoint())
        return painter.end()


def _describe_band(figure: CardFigure, band: Band | None) -> str:
    if band is None:
        return ""
    if band.low is not None and band.high is not None:
        low, high = (format_card_value(limit, figure) for limit in (band.low, band.high))
        return tr("Published: {low} to {high}. {source}", low=low, high=high, source=band.source)
    return tr(
        "Published: {value}. {source}", value=format_card_value(band.typical, figure), source=band.source
    )
