"""The exhibition page: score card, stands, prices and targets."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from analytics.exhibition.published_bands import PublishedBand
from analytics.exhibition.stand_value import PriceVerdict
from analytics.metrics.estimate import UNKNOWN, Estimate
from analytics.results.day_quality import DayQuality
from app.core.view_link import LinkPart, LinkTarget, ViewLink
from app.error_reporting import ErrorReport
from app.exhibition.exhibition_figures import (
    CARD_COLUMNS,
    PUBLISHED_BANDS,
    CardEntry,
    CardFigure,
    ExhibitionFigures,
    StandRow,
    ValueBasis,
)
from app.exhibition.stand_import import StandField
from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas, PlanLayer
from app.gui.charts.chart_legend import ChartLegend, LegendEntry, SwatchKind
from app.gui.exhibition.model import ExhibitionState, ExhibitionViewModel
from app.gui.exhibition.stand_list_panel import StandListPanel
from app.gui.exhibition.stand_page import StandPage, StandPageViewModel
from app.gui.exhibition.text import (
    OF_PLACE_COLUMN,
    PriceTable,
    StandTable,
    TargetTable,
    define_basis,
    define_card_figure,
    find_card_factor,
    format_card_interval,
    format_card_value,
    format_money,
    name_basis,
    name_card_figure,
    name_rent_verdict,
)
from app.gui.session.cell_text import ABSENT, format_number, format_period, format_rough, format_share
from app.gui.session.experts_view import is_experts_view
from app.gui.session.period_figures import PeriodPhase
from app.gui.session.quality_words import explain_loss
from app.gui.session.theme import Theme, current_theme
from app.gui.session.translation import (
    Translated,
    display_name,
    join_sentences,
    tr,
    translate_phrase,
    trn,
)
from app.gui.session.units import current_units
from app.gui.tables.figures_page import FiguresPage
from app.gui.tables.record_list import RecordList
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.export_menu import PERIOD, ExportMenu, Table
from app.gui.widgets.layouts import fill, make_column, make_splitter
from app.gui.widgets.page_tabs import PageTabs
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.work_row import JobRow
from app.plan.floor_scene import FloorScene

_HEIGHT_PX, _SCALE_PX = 46, 15
_ROOM = 1.1
_PARTS, _WIDE_PX, _WIDE_ROW_PX = 5, 1500, 84
"""Widgets of a figure, and the width from which figures stand in two columns."""


class BandStrip(QWidget):
    """Strip with a value and its published band on a scale from zero; unknown parts are left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured, self._before = Estimate(), Estimate()
        self._band: PublishedBand | None = None
        self._format: Callable[[float], str] = str
        self._factor = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT_PX)

    def show_figure(
        self,
        measured: Estimate,
        before: Estimate | None,
        band: PublishedBand | None,
        format_value: Callable[[float], str],
        factor: float,
    ) -> None:
        """Draw a value, that of the previous period as a thin line, and the published band.

        Args:
            format_value: gives the text of a value on the scale, with its unit.
            factor: from values to what their texts show, whose scale ends at a round number.
        """
        self._measured, self._before, self._band = measured, before or Estimate(), band
        self._format, self._factor = format_value, factor
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(220, _HEIGHT_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        theme, band = current_theme(), self._band
        known = [self._measured.value, self._before.value, *(self._measured.interval or ())]
        if band is not None:
            known += [band.low, band.high, band.typical]
        longest = _ROOM * max((value for value in known if value is not None), default=0.0)
        top = round_up(longest * self._factor) / self._factor
        if top <= 0 or self._measured.value is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, width = self.height() / 2 - 2, self.width() - 2.0

        def at(value: float) -> float:
            return 1.0 + width * min(value / top, 1.0)

        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(QPointF(at(0), middle), QPointF(at(top), middle))
        for end in (0.0, top):
            painter.drawLine(QPointF(at(end), middle - 3), QPointF(at(end), middle + 3))
        painter.setPen(QColor(theme.text_muted))
        small = self.font()
        small.setPointSizeF(theme.font_small_pt - 1)
        painter.setFont(small)
        scale = QRectF(0, self.height() - _SCALE_PX, self.width(), _SCALE_PX)
        painter.drawText(scale, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(scale, Qt.AlignmentFlag.AlignRight, self._format(top))
        if band is not None and band.low is not None and band.high is not None:
            box = QRectF(at(band.low), middle - 8, at(band.high) - at(band.low), 16)
            painter.fillRect(box, QColor(theme.border))
        if band is not None and band.typical is not None:
            painter.setPen(QPen(QColor(theme.text_muted), 2, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(at(band.typical), middle - 10), QPointF(at(band.typical), middle + 10))
        if self._before.value is not None:
            painter.setPen(QPen(QColor(theme.text_muted), 1))
            painter.drawLine(
                QPointF(at(self._before.value), middle - 5), QPointF(at(self._before.value), middle + 5)
            )
        accent = QColor(theme.accent)
        if self._measured.interval is not None:
            painter.setPen(QPen(accent, 3))
            low, high = self._measured.interval
            painter.drawLine(QPointF(at(low), middle), QPointF(at(high), middle))
        x = at(self._measured.value)
        painter.setPen(QPen(QColor(theme.surface), 1))
        painter.setBrush(accent)
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(x, middle - 7),
                    QPointF(x + 6, middle),
                    QPointF(x, middle + 7),
                    QPointF(x - 6, middle),
                ]
            )
        )


def round_up(value: float) -> float:
    """Return the next of 1, 2, 2.5, 5 and 10 times a power of ten; 0 for 0 and less."""
    if value <= 0:
        return 0.0
    step = 10.0 ** math.floor(math.log10(value))
    return next(factor * step for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * step >= 0.999 * value)


class ScoreCard(QFrame):
    """Score card, one row per figure, with definition and source of the band as tool tip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._entries: tuple[CardEntry, ...] = ()
        self._quality: DayQuality | None = None
        theme = current_theme()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.space_l)
        self._grid.setVerticalSpacing(0)
        self._legend = ChartLegend(self)
        column = make_column(self, margins=(theme.space_l, theme.space_m, theme.space_l, theme.space_m))
        fill(column, self._grid, self._legend, 1, spacing=theme.space_m)
        self._heads = tuple(QLabel(self) for _ in range(2 * _PARTS))
        for head in self._heads:
            head.setProperty("role", "small")
        self._arranged: tuple[bool, tuple[CardFigure, ...]] | None = None
        self._rows: dict[CardFigure, tuple[QLabel, QLabel, QLabel, QLabel, BandStrip]] = {}
        for figure in CardFigure:
            labels = QLabel(self), QLabel(self), QLabel(self), QLabel(self)
            labels[1].setProperty("role", "title")
            for label in (labels[2], labels[3]):
                label.setProperty("role", "muted")
            self._rows[figure] = (*labels, BandStrip(self))
        self.export_menu = ExportMenu(self, list_table=self.list_table)
        self.retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        is_wide = self.width() >= _WIDE_PX
        shown = tuple(
            figure for figure, column in CARD_COLUMNS.items() if is_experts_view() or not column.is_expert
        )
        if self._arranged == (is_wide, shown):
            return
        self._arranged = (is_wide, shown)
        per_column = -(-len(shown) // 2) if is_wide else len(shown)
        for number, head in enumerate(self._heads):
            head.setVisible(is_wide or number < _PARTS)
            self._grid.addWidget(head, 0, number)
        for row in range(len(self._rows)):
            self._grid.setRowMinimumHeight(row + 1, _WIDE_ROW_PX if is_wide and row < per_column else 0)
        for figure, widgets in self._rows.items():
            right, row = divmod(shown.index(figure) if figure in shown else 0, per_column)
            for part, widget in enumerate(widgets):
                widget.setVisible(figure in shown)
                self._grid.addWidget(widget, row + 1, right * _PARTS + part)
        for number in (_PARTS - 1, 2 * _PARTS - 1):
            self._grid.setColumnStretch(number, int(is_wide or number < _PARTS))

    def show_figures(self, figures: ExhibitionFigures | None) -> None:
        """Show the figures of a period; dashes without."""
        self._entries = () if figures is None else figures.entries
        self._quality = None if figures is None else figures.quality
        self.retranslate()

    def describe(self) -> tuple[str, ...]:
        return tuple(
            tr("{name}: {value}", name=name.text(), value=f"{value.text()} {interval.text()}".strip())
            for name, value, interval, _, _ in self._rows.values()
        )

    def retranslate(self) -> None:
        self._arrange()
        for head, title in zip(self._heads, 2 * self._list_titles(), strict=True):
            head.setText(title)
        theme = current_theme()
        legend = [
            LegendEntry(tr("this period, with its likely range"), theme.accent, SwatchKind.DIAMOND),
            LegendEntry(tr("period before"), theme.text_muted, SwatchKind.LINE),
            LegendEntry(tr("published mean"), theme.text_muted, SwatchKind.DASHED),
        ]
        if is_experts_view():
            legend.insert(2, LegendEntry(tr("published range"), theme.border))
        self._legend.show_entries(legend)
        known = {entry.figure: entry for entry in self._entries}
        for figure, (name, value, interval, before, strip) in self._rows.items():
            entry = known.get(figure)
            name.setText(name_card_figure(figure))
            measured = None if entry is None else entry.measured
            earlier = None if entry is None or entry.before is None else entry.before.value
            value.setText(format_rough(measured or UNKNOWN, partial(format_card_value, figure=figure)))
            interval.setText("" if measured is None else format_card_interval(measured, figure))
            before.setText("" if earlier is None else format_card_value(earlier, figure))
            band = None if entry is None else PUBLISHED_BANDS.get(figure)
            if entry is not None:
                strip.show_figure(
                    entry.measured,
                    entry.before,
                    band,
                    partial(format_card_value, figure=figure),
                    find_card_factor(figure),
                )
            explained = "\n\n".join(
                part
                for part in (
                    define_card_figure(figure),
                    explain_loss(self._quality, figure.value),
                    _describe_band(figure, band),
                )
                if part
            )
            for widget in (name, value, interval, strip):
                widget.setToolTip(explained)
            strip.setAccessibleName(name.text())
            strip.setAccessibleDescription(f"{value.text()} {interval.text()}. {explained}")
        self.setAccessibleName(tr("Score card"))
        self.setAccessibleDescription("; ".join(self.describe()))

    def _list_titles(self) -> tuple[str, ...]:
        return "", "", tr("Likely range"), tr("Before"), ""

    def list_table(self) -> Table:
        labels = [[label.text() for label in row[:-1]] for row in self._rows.values()]
        return self._list_titles()[:-1], labels


def _describe_band(figure: CardFigure, band: PublishedBand | None) -> str:
    if band is None:
        return ""
    if band.low is not None and band.high is not None:
        low, high = (format_card_value(limit, figure) for limit in (band.low, band.high))
        return tr("Published: {low} to {high}. {source}", low=low, high=high, source=tr(band.source))
    return tr(
        "Published: {value}. {source}", value=format_card_value(band.typical, figure), source=tr(band.source)
    )


class PriceMap(Translated, QWidget):
    """Plan with the fair price per area of every stand."""

    zone_clicked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas, self._legend = FloorPlanCanvas(), ChartLegend(self)
        for layer in (PlanLayer.CAMERAS, PlanLayer.HEAT, PlanLayer.UNOBSERVED, PlanLayer.PEOPLE):
            self.canvas.show_layer(layer, False)
        self._figures: ExhibitionFigures | None = None
        self._basis = ValueBasis.EXPOSED
        self.canvas.zone_clicked.connect(self.zone_clicked)
        fill(QVBoxLayout(self), (self.canvas, 1), self._legend, margins=0)
        self.retranslate()

    def show_prices(
        self, figures: ExhibitionFigures | None, basis: ValueBasis, *, selected: str | None
    ) -> None:
        if figures is not self._figures:
            self.canvas.show_scene(None if figures is None else _leave_stands(figures))
        self._figures, self._basis = figures, basis
        self.canvas.show_selected(selected)
        self._show_notes()

    def retranslate(self) -> None:
        self.canvas.setAccessibleName(tr("Plan of fair prices"))
        self.canvas.setAccessibleDescription(
            tr("Fair price per area of every stand, with its rent above or below")
        )
        colours = _find_colours(current_theme())
        # stands without a verdict look alike, whatever the reason
        self._legend.show_entries(
            [
                LegendEntry(name_rent_verdict(price), colours[price])
                for price in PriceVerdict
                if price is not PriceVerdict.UNSEEN
            ]
        )
        self._show_notes()

    def _recolour(self) -> None:
        self.retranslate()

    def _show_notes(self) -> None:
        if self._figures is None:
            return
        colours, fills, notes = _find_colours(current_theme()), {}, {}
        currency = self._figures.currency
        for stand in self._figures.stands:
            price = stand.prices.get(self._basis)
            value = None if price is None else price.fair_price_m2.value
            fills[stand.zone] = colours[PriceVerdict.UNKNOWN if price is None else price.verdict]
            notes[stand.zone] = (
                ABSENT if value is None else format_money(value * current_units().per_m2, currency)
            )
        self.canvas.show_notes(fills, notes)


def _leave_stands(figures: ExhibitionFigures) -> FloorScene:
    """Return the plan without zones and lines that have no price."""
    stands = {stand.zone for stand in figures.stands}
    zones = tuple(zone for zone in figures.scene.zones if zone.name in stands)
    return dataclasses.replace(figures.scene, zones=zones, lines=())


def _find_colours(theme: Theme) -> dict[PriceVerdict, str]:
    return {
        PriceVerdict.DEAR: theme.more,
        PriceVerdict.CHEAP: theme.less,
        PriceVerdict.FAIR: theme.text_muted,
        PriceVerdict.UNKNOWN: theme.border,
        PriceVerdict.UNSEEN: theme.border,
    }


CARD, STANDS, PRICES, TARGETS, STAND, ENTRIES = range(6)
_OF_PLACES = (STANDS, PRICES)
"""The tabs with figures against places."""
_TABS = {LinkPart.STANDS: STANDS, LinkPart.STAND: STAND}


class ExhibitionView(FiguresPage):
    """The exhibition page; renders an `ExhibitionState`."""

    link_opened = Signal(object)
    """A `ViewLink`."""

    def __init__(
        self, viewmodel: ExhibitionViewModel, stand: StandPageViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(viewmodel, name_file=lambda: tr("stands.csv"), parent=parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._shown: ExhibitionFigures | None = None
        self._shown_fault: ErrorReport | None = None
        self.work = JobRow(self, keeps_place=False)
        self.tabs = PageTabs(6, self)
        self._period, self._notes = QLabel(), QLabel()
        self._period.setProperty("role", "title")
        self._period.setObjectName(PERIOD)
        self._notes.setProperty("role", "small")
        self._notes.setWordWrap(True)
        self.card = ScoreCard(self)
        self.stand_table, self.price_table = StandTable(self), PriceTable(self)
        self.target_table = TargetTable(self)
        self.stands, self.prices, self.targets = (
            RecordList(table, table_name="", parent=self)
            for table in (self.stand_table, self.price_table, self.target_table)
        )
        self.stands.table.sortByColumn(OF_PLACE_COLUMN, Qt.SortOrder.DescendingOrder)
        self.basis, self.map = QComboBox(), PriceMap(self)
        self.basis.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for basis in ValueBasis:
            self.basis.addItem("", basis)
        self.entries = StandListPanel(viewmodel, self)
        self.stand_page, self._stand = StandPage(stand, self), stand
        self._empty = EmptyPage("exhibition", self)
        self._pages, self._parts = QStackedWidget(self), QStackedWidget()
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        self.tabs.name_tabs(
            (
                tr("Score card"),
                tr("Stands"),
                tr("Square metres"),
                tr("Targets"),
                tr("One stand"),
                tr("Rents and targets"),
            )
        )
        self.basis.setAccessibleName(tr("Value floor by"))
        for basis in ValueBasis:
            index = self.basis.findData(basis)
            self.basis.setItemText(index, name_basis(basis))
            self.basis.setItemData(index, define_basis(basis), Qt.ItemDataRole.ToolTipRole)
        for shown, name in (
            (self.stands, tr("Stands")),
            (self.prices, tr("Prices of stands")),
            (self.targets, tr("Targets of stands")),
        ):
            shown.set_table_name(name)
        self.card.retranslate()
        self.map.retranslate()
        self.entries.retranslate()
        self._render()

    def _build(self) -> None:
        theme = current_theme()
        head = fill(QHBoxLayout(), self.tabs, 1, self._period)
        card_page = QWidget()
        scrolled = QWidget()
        fill(QVBoxLayout(scrolled), (self.card, 1), margins=0)
        scroll_content(card_page, scrolled)
        self._value_page = QWidget()
        value = fill(QVBoxLayout(self._value_page), (self.basis, 0, Qt.AlignmentFlag.AlignLeft), margins=0)
        price_splitter = make_splitter(
            Qt.Orientation.Horizontal, (self.map, 2), (self.prices, 3), sizes_px=[420, 740]
        )
        value.addWidget(price_splitter, 1)
        for part in (
            card_page,
            self.stands,
            self._value_page,
            self.targets,
            self.stand_page,
            self.entries,
        ):
            self._parts.addWidget(part)
        content = QWidget()
        fill(
            QVBoxLayout(content),
            head,
            self._notes,
            (self._parts, 1),
            spacing=theme.space_s,
            margins=0,
        )
        self._pages.addWidget(content)
        self._pages.addWidget(self._empty)
        self._last_day = self._empty.add_button(self._viewmodel.show_last_observed_day, is_primary=True)
        self._again = self._empty.add_button(self._viewmodel.compute)
        self._empty.add_button(lambda: self.link_opened.emit(ViewLink(LinkTarget.EDIT_PLAN)))
        outer = self._make_column()
        outer.addWidget(self._pages, 1)
        outer.addWidget(self.work)

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._render)
        self.work.stop_requested.connect(viewmodel.cancel)
        self.tabs.tab_chosen.connect(self._show_tab)
        self.basis.activated.connect(lambda: viewmodel.choose_basis(ValueBasis(self.basis.currentData())))
        self.map.zone_clicked.connect(viewmodel.select_zone)
        self.stand_page.zone_chosen.connect(viewmodel.select_zone)
        self.entries.accept_pastes(self.prices, StandField.RENT)
        self.entries.accept_pastes(self.targets, StandField.VISITS)
        for shown in (self.stands, self.prices, self.targets):
            shown.record_chosen.connect(lambda row: viewmodel.select_zone(row.zone))
            shown.export_requested.connect(self._write_table)

    def _render(self) -> None:
        state = self._viewmodel.state
        is_busy = state.phase is PeriodPhase.COMPUTING
        self.work.show_job(
            tr("Computing the score card") if is_busy else "",
            done=state.progress, total=1.0 if state.progress else 0.0, can_stop=True,
        )  # fmt: skip
        self._show_empty_state(state)
        if state.fault is not self._shown_fault:
            self._shown_fault = state.fault
            if state.fault is None:
                self.banner.hide()
            else:
                self._show_fault(state.fault)
        figures = state.figures
        self._show_stand(state)
        self._period.setText(
            ""
            if figures is None or state.period is None
            else format_period(*state.period, time_zone=state.time_zone)
        )
        shown_part = self._parts.currentIndex()
        places_note = None if figures is None or shown_part not in _OF_PLACES else figures.places_note
        self._notes.setText(
            ""
            if figures is None
            else join_sentences(
                ([] if places_note is None else [translate_phrase(places_note)])
                + (_describe_prices(figures) if shown_part == PRICES else _describe_notes(figures))
            )
        )
        self.basis.setCurrentIndex(self.basis.findData(state.basis))
        currency = "" if figures is None else figures.currency
        self.price_table.show_values(state.basis, currency)
        self.map.show_prices(figures, state.basis, selected=state.zone)
        self.entries.show_state(state)
        if figures is not self._shown:
            self._shown = figures
            stands: tuple[StandRow, ...] = () if figures is None else figures.stands
            self.card.show_figures(figures)
            self.stand_table.quality = None if figures is None else figures.quality
            for table in (self.stand_table, self.price_table, self.target_table):
                table.show(stands)

    def show_link(self, link: ViewLink) -> None:
        if link.shown is LinkTarget.EXHIBITION and link.part in _TABS:
            self.tabs.choose_tab(_TABS[link.part])

    def _show_stand(self, state: ExhibitionState) -> None:
        """Show the selected stand, or else the first; computed only while the part is visible."""
        if state.phase is PeriodPhase.COMPUTING:
            # the history or the venue has changed
            self._stand.forget()
        if self.tabs.chosen != STAND or state.figures is None:
            return
        zones = [stand.zone for stand in state.figures.stands]
        zone = state.zone if state.zone in zones else next(iter(zones), None)
        self.stand_page.show_choices(zones, zone)
        if state.phase is PeriodPhase.READY:
            self._stand.show_stand(zone, state.period)

    def _show_empty_state(self, state: ExhibitionState) -> None:
        figures = state.figures
        has_stands = figures is None or bool(figures.stands)
        title = text = ""
        if state.phase is PeriodPhase.NO_VENUE:
            title, text = tr("No venue is open"), tr("Open a venue to see its score card.")
        elif figures is None and state.phase is PeriodPhase.NOTHING_OBSERVED:
            title = tr("No data for this period")
            text = (
                tr("Choose a period with observations.")
                if state.history is not None
                else tr("Start recording, or import a recording.")
            )
        elif figures is None:
            title, text = tr("Please wait"), tr("Computing the figures of this period.")
            if state.phase is PeriodPhase.FAILED:
                title, text = tr("The figures could not be computed"), ""
            elif state.phase is PeriodPhase.CANCELLED:
                title, text = tr("Cancelled"), ""
        elif not has_stands and self.tabs.chosen not in (CARD, ENTRIES):
            title = tr("No stands yet")
            text = tr("Draw zones on the plan; their figures are computed from recorded data.")
        can_retry = figures is None and state.phase in (PeriodPhase.FAILED, PeriodPhase.CANCELLED)
        is_elsewhere = state.phase is PeriodPhase.NOTHING_OBSERVED and state.history is not None
        self._empty.show_texts(
            title,
            text,
            tr("Show the last observed day") if is_elsewhere else "",
            tr("Compute again") if can_retry else "",
            tr("Edit the plan") if figures is not None and not has_stands else "",
        )
        # what is entered does not need figures
        shows_entries = self.tabs.chosen == ENTRIES and state.phase is not PeriodPhase.NO_VENUE
        self._pages.setCurrentIndex(1 if title and not shows_entries else 0)

    def _show_tab(self, number: int) -> None:
        self._parts.setCurrentIndex(number)
        self._render()


def _describe_notes(figures: ExhibitionFigures) -> list[str]:
    notes = [
        tr(
            "Observed for {hours} h; the cameras see {share} of the open floor.",
            hours=format_number(figures.observed_s / 3600, decimals=1),
            share=format_share(figures.floor_share),
        ),
    ]
    if figures.days_without_paths:
        notes.append(
            trn(
                "Diligent visitors exclude {n} day whose tracks were deleted after the retention period.",
                "Diligent visitors exclude {n} days whose tracks were deleted after the retention period.",
                figures.days_without_paths,
            )
        )
    if figures.capacity is not None:
        notes.append(tr("Capacity of the hall: {people} people.", people=format_number(figures.capacity)))
    moved = [stand.zone for stand in figures.stands if stand.since_utc_s is not None]
    if moved:
        notes.append(
            trn(
                "{n} stand is counted from its last change.",
                "{n} stands are counted from their last change.",
                len(moved),
            )
        )
    return notes


def _describe_prices(figures: ExhibitionFigures) -> list[str]:
    """Return the time covered by the rents, and the stands left out with a remedy."""
    if all(stand.rent is None for stand in figures.stands):
        return [tr("No rents yet: enter, paste or import them on Rents and targets.")]
    if figures.common_s <= 0:
        return [
            tr(
                "No fair rents: at no time during opening hours were all stands observed together. "
                "Choose another period."
            )
        ]
    hours = format_number(figures.common_s / 3600, decimals=1)
    notes = [
        tr("Fair rents cover the {hours} h in which all compared stands were observed.", hours=hours)
        if figures.share_of_show is None
        else tr(
            "Fair rents cover the {hours} h in which all compared stands were observed, {share} of the "
            "show's open hours. A cost counts that share of the rent.",
            hours=hours,
            share=format_share(figures.share_of_show),
        )
    ]
    if any(stand.since_utc_s is not None for stand in figures.stands):
        notes.append(tr("Before its change, a stand is counted by its former outline."))
    unseen = [stand.zone for stand in figures.stands if _is_refused(stand)]
    if unseen:
        notes.append(
            tr(
                "Not compared, with less than 80 % of their floor or of the others' time observed: "
                "{names}. Choose a period in which they were observed like the others.",
                names=tr(", ").join(display_name(name) for name in unseen),
            )
        )
    return notes


def _is_refused(stand: StandRow) -> bool:
    return any(price.verdict is PriceVerdict.UNSEEN for price in stand.prices.values())
