"""The comparison page: two periods, layouts or halls, and their changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from analytics.comparison.block_figures import Metric, Verdict
from analytics.comparison.period_comparison import ZoneChange
from analytics.domain.errors import Phrase, fill_template
from analytics.results.content import CellKind
from app.comparison.comparison_figures import (
    METRICS,
    PRIMARY_METRICS,
    DescribedChange,
)
from app.core.number_words import rename_zones
from app.gui.charts.plot_chart import MIN_HEIGHT_PX, PlotChart
from app.gui.comparison.model import ComparisonState, ComparisonViewModel, Proposal, name_hall
from app.gui.session.cell_text import ABSENT, format_change, format_figure, format_number
from app.gui.session.experts_view import is_experts_view
from app.gui.session.theme import Theme, current_theme
from app.gui.session.translation import display_name, join_sentences, tr, translate_phrase, trn
from app.gui.tables.figures_page import FiguresPage
from app.gui.tables.record_list import RecordList
from app.gui.tables.record_table import (
    Index,
    RecordTable,
    TableColumn,
    export_number,
    make_number_column,
    make_text_column,
)
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.layouts import fill, make_card, make_splitter
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.time_range_picker import TimeRangePicker
from app.gui.widgets.work_row import JobRow


class ZoneChecks(QPushButton):
    """Button that shows how many zones are checked."""

    checked_changed = Signal(object)
    """The names of the checked zones, as a tuple."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._zones: tuple[str, ...] = ()
        self._checked: tuple[str, ...] = ()
        self._name = ""

    def set_name(self, name: str) -> None:
        self._name = name
        self.setAccessibleName(name)
        self._update_text()

    def show_zones(self, zones: Sequence[str], checked: Sequence[str]) -> None:
        """Show the zones, some of them checked, without emitting a signal."""
        if (tuple(zones), tuple(checked)) == (self._zones, self._checked):
            return
        self._checked = tuple(checked)
        if tuple(zones) != self._zones:
            self._zones = tuple(zones)
            self._menu.clear()
            for zone in zones:
                action = self._menu.addAction(display_name(zone))
                action.setCheckable(True)
                action.toggled.connect(lambda is_on, name=zone: self._on_toggled(name, is_on))
        for zone, action in zip(self._zones, self._menu.actions(), strict=True):
            was_blocked = action.blockSignals(True)
            action.setChecked(zone in self._checked)
            action.blockSignals(was_blocked)
        self._update_text()

    def _on_toggled(self, name: str, is_on: bool) -> None:
        chosen = {*self._checked, name} if is_on else {*self._checked} - {name}
        self._checked = tuple(zone for zone in self._zones if zone in chosen)
        self._update_text()
        self.checked_changed.emit(self._checked)

    def _update_text(self) -> None:
        count = len(self._checked)
        self.setText(
            tr("{name}: {count}", name=self._name, count=trn("{n} zone", "{n} zones", count))
            if count
            else tr("{name}: not specified", name=self._name)
        )
        self.setEnabled(bool(self._zones))


def name_place(zone: str) -> str:
    return display_name(zone) if zone else tr("The whole hall")


def format_level(value: float | None, figure: Metric) -> str:
    if value is not None and METRICS[figure].kind is CellKind.NUMBER:
        return format_number(value, decimals=0 if value >= 100 else 1)
    return format_figure(value, METRICS[figure])


def format_change_interval(interval: tuple[float, float] | None) -> str:
    if interval is None:
        return ABSENT
    return tr("{low} to {high}", low=format_change(interval[0]), high=format_change(interval[1]))


def translate_change(sentence: Phrase) -> str:
    return fill_template(sentence.template, rename_zones(sentence.fields, display_name), tr)


_ROW_PX = 24
_FRAME_PX = 60
_NAME_PX = 150
_MIN_REACH = 20.0
_MAX_REACH = 200.0
_MARGIN = 1.08


class ChangeChart(PlotChart):
    """Chart of changes by zone, the first at the top; zones without a result keep an empty row."""

    row_chosen = Signal(object)
    """The `DescribedChange` that was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._rows: tuple[DescribedChange, ...] = ()
        self.redraw()

    @property
    def rows(self) -> tuple[DescribedChange, ...]:
        return self._rows

    def show_rows(self, rows: Sequence[DescribedChange]) -> None:
        self._rows = tuple(rows)
        self.setMinimumHeight(max(MIN_HEIGHT_PX, _FRAME_PX + _ROW_PX * len(self._rows)))
        self.redraw()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseMoveEvent(event)
        row = self._find_row(event)
        self.setToolTip("" if row is None else translate_change(row.sentence))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseReleaseEvent(event)
        row = self._find_row(event)
        if row is not None:
            self.row_chosen.emit(row)

    def draw(self, theme: Theme) -> None:
        self.setLabel("bottom", tr("Change from A to B (%)"))
        self.setAccessibleName(tr("Changes by zone"))
        self.setAccessibleDescription(join_sentences(translate_change(row.sentence) for row in self._rows))
        reach, count = _find_reach(self._rows), max(1, len(self._rows))
        self.setRange(xRange=(-reach, reach), yRange=(-count + 0.45, 0.55), padding=0)
        axis = self.getAxis("left")
        metrics = QFontMetricsF(axis.style["tickFont"])
        names = [
            metrics.elidedText(name_place(row.change.zone), Qt.TextElideMode.ElideRight, _NAME_PX)
            for row in self._rows
        ]
        axis.setTicks([[(-float(row), name) for row, name in enumerate(names)]])
        axis.setWidth(max((metrics.horizontalAdvance(name) for name in names), default=20.0) + 16)
        bands = [-float(row) for row in range(0, len(self._rows), 2)]
        self.add(
            pg.BarGraphItem(
                x0=[-reach] * len(bands), width=2 * reach, y=bands, height=1.0,
                brush=QColor(theme.raised), pen=pg.mkPen(None),
            )
        )  # fmt: skip
        self.add(pg.InfiniteLine(pos=0.0, angle=90, pen=pg.mkPen(theme.text_muted, width=1)))
        for number, row in enumerate(self._rows):
            self._draw_row(-float(number), row, reach, theme)

    def _draw_row(self, y: float, row: DescribedChange, reach: float, theme: Theme) -> None:
        ratio, interval = row.change.ratio.value, row.change.ratio.interval
        if ratio is None:
            return
        if interval is None:
            self._add_mark(
                float(np.clip(100 * (ratio - 1), -reach, reach)), y, "d", QColor(theme.text_muted), theme
            )
            return
        colour = QColor(theme.accent if row.change.is_real else theme.text_muted)
        low, high = (100 * (limit - 1) for limit in interval)
        ends = np.clip([low, high], -reach, reach)
        style = Qt.PenStyle.DashLine if row.change.verdict is Verdict.UNCERTAIN else Qt.PenStyle.SolidLine
        self.add(
            pg.PlotCurveItem(
                x=ends, y=[y, y], pen=pg.mkPen(colour, width=3 if row.change.is_real else 1.6, style=style),
                antialias=True,
            )
        )  # fmt: skip
        for end, limit, symbol in ((low, -reach, "t3"), (high, reach, "t2")):
            if abs(end) > reach:
                self._add_mark(0.985 * limit, y, symbol, colour, theme)
        self._add_mark(float(np.clip(100 * (ratio - 1), -reach, reach)), y, "d", colour, theme)

    def _add_mark(self, x: float, y: float, symbol: str, colour: QColor, theme: Theme) -> None:
        self.add(
            pg.ScatterPlotItem(
                x=[x], y=[y], symbol=symbol, size=11, brush=pg.mkBrush(colour),
                pen=pg.mkPen(theme.surface, width=1),
            )
        )  # fmt: skip

    def _find_row(self, event: QMouseEvent) -> DescribedChange | None:
        place = self.find_place(event.position())
        row = None if place is None else round(-place.y())
        return self._rows[row] if row is not None and 0 <= row < len(self._rows) else None


def _find_reach(rows: Sequence[DescribedChange]) -> float:
    """Return the end of the axis on either side, percent; wider intervals end in an arrow."""
    ends = [100 * abs(limit - 1) for row in rows for limit in row.change.ratio.interval or ()]
    ends += [100 * abs(value - 1) for row in rows if (value := row.change.ratio.value) is not None]
    return min(_MAX_REACH, max([_MIN_REACH, *(_MARGIN * end for end in ends)]))


class ChangeTable(RecordTable[DescribedChange]):
    def find_zone(self, record: DescribedChange) -> str | None:
        return record.change.zone

    def make_columns(self) -> Sequence[TableColumn[DescribedChange]]:
        return (
            make_text_column(tr("Zone"), lambda r: name_place(r.change.zone)),
            make_text_column(tr("Figure"), lambda r: translate_phrase(METRICS[r.change.metric].title)),
            make_text_column(
                tr("Verdict"),
                lambda r: translate_phrase(r.verdict_name),
                lambda r: r.change.verdict.value,
            ),
            _level(tr("A"), lambda r: r.change.level_a, tr("The figure in period A.")),
            _level(tr("B"), lambda r: r.change.level_b, tr("The figure in period B.")),
            make_number_column(
                tr("Relative change"),
                lambda r: r.change.ratio.value,
                format_change,
                exported_title=tr("Ratio of B to A"),
                meaning=tr("B relative to A."),
            ),
            TableColumn(
                tr("Likely range"),
                lambda r: format_change_interval(r.change.ratio.interval),
                lambda r: (limits := r.change.ratio.interval) and limits[1] - limits[0],
                lambda r: "{:.4f}-{:.4f}".format(*r.change.ratio.interval) if r.change.ratio.interval else "",
                tr("Likely range of the ratio"),
                meaning=tr("95 % interval: the true change lies in it in 95 of 100 such comparisons."),
            ),
            make_number_column(
                tr("Detectable from"),
                lambda r: r.change.min_detectable_ratio,
                format_change,
                exported_title=tr("Smallest detectable ratio"),
                meaning=tr("Smaller changes could not be told from chance with these data."),
                is_expert=True,
            ),
            make_number_column(
                tr("Adjusted p"),
                lambda r: r.change.adjusted_p,
                partial(format_number, decimals=3),
                meaning=tr(
                    "Probability of such a change by chance alone, adjusted for the number of figures "
                    "compared."
                ),
                is_expert=True,
            ),
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.ToolTipRole and index.isValid():
            row = self.record(index.row())
            name, definition = (
                translate_phrase(METRICS[row.change.metric].title),
                translate_phrase(METRICS[row.change.metric].definition),
            )
            meaning = tr("{name}: {value}", name=name, value=definition)
            return f"{translate_change(row.sentence)}\n\n{meaning}"
        return super().data(index, role)


def _level(
    title: str, value: Callable[[DescribedChange], float | None], meaning: str
) -> TableColumn[DescribedChange]:
    return TableColumn(
        title,
        lambda r: format_level(value(r), r.change.metric),
        value,
        lambda r: export_number(value(r), 5),
        meaning=meaning,
    )


def describe_headline(state: ComparisonState) -> str:
    if state.figures is None:
        return ""
    compared = [row for row in state.figures.changes if row.change.verdict is not Verdict.REFUSED]
    if not compared:
        has_values = any(row.change.ratio.value is not None for row in state.figures.changes)
        if has_values:
            return tr("Too few days to tell a change from chance.")
        return tr("No comparison possible.")
    real = sum(row.change.is_real for row in compared)
    if not real:
        return trn(
            "No evidence of a change in {n} comparison.",
            "No evidence of a change in any of {n} comparisons.",
            len(compared),
        )
    return trn(
        "{n} significant change in {all} comparisons.",
        "{n} significant changes in {all} comparisons.",
        real,
        all=format_number(len(compared)),
    )


_MAX_NAMED = 5
"""Number of significant changes that are named above the table."""


def _name_change(change: ZoneChange) -> str:
    figure = translate_phrase(METRICS[change.metric].title)
    value = f"{figure} {format_change(change.ratio.value)}"
    return tr("{name}: {value}", name=name_place(change.zone), value=value)


def list_notes(state: ComparisonState) -> list[str]:
    figures = state.figures
    notes = [] if figures is None else [translate_change(note) for note in figures.notes]
    if real := [] if figures is None else [row.change for row in figures.changes if row.change.is_real]:
        notes.insert(0, tr(", ").join(map(_name_change, real[:_MAX_NAMED])))
    if state.is_outdated:
        notes.insert(0, tr("Your selection has changed; compare again."))
    return notes


def describe_hint(state: ComparisonState) -> tuple[str, str] | None:
    """Return title and text shown instead of figures."""
    if state.figures is None:
        return (
            tr("Compare two days or layouts"),
            tr(
                "Choose two periods to see what changed, how certain it is, and which changes are too "
                "small to detect."
            ),
        )
    if any(row.change.level_a is not None or row.change.level_b is not None for row in state.figures.changes):
        return None
    return (
        describe_headline(state),
        "\n".join(
            [
                *list_notes(state),
                tr("Choose longer periods, open and observed at the same hours of the day."),
            ]
        ),
    )


def describe_empty_state(state: ComparisonState) -> tuple[str, str]:
    """Return title and text where nothing can be compared; else empty."""
    if not state.has_venue:
        return tr("No venue is open"), tr("Open a venue to compare its days and layouts.")
    if state.choice is None:
        return (
            tr("No data yet"),
            tr("Start recording; from the second day on, days can be compared."),
        )
    return "", ""


_MIN_RESULTS_PX = 400


class ComparisonView(FiguresPage):
    """The comparison page; renders a `ComparisonState`."""

    def __init__(self, viewmodel: ComparisonViewModel, parent: QWidget | None = None) -> None:
        super().__init__(viewmodel, name_file=lambda: tr("comparison.csv"), parent=parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._rendered = ComparisonState()
        self._chosen_row: DescribedChange | None = None
        self.proposals, self.figure = QComboBox(), QComboBox()
        for proposal in Proposal:
            self.proposals.addItem("", proposal)
        self.proposals.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.side_a, self.side_b = TimeRangePicker(), TimeRangePicker()
        self._name_a, self._name_b = QLabel(), QLabel()
        self.hall, self.this_hall, self._hall_name = QPushButton(), QPushButton(), QLabel()
        self.all_figures, self.unchanged = QCheckBox(), ZoneChecks()
        self.compare = QPushButton()
        self.compare.setProperty("role", "primary")
        self.work = JobRow(self, keeps_place=False)
        self.headline, self.notes, self.sentence = QLabel(), QLabel(), QLabel()
        self.chart = ChangeChart(self)
        self.table = ChangeTable(self)
        self.list = RecordList(self.table, table_name="", parent=self)
        self._empty = EmptyPage("compare", self)
        self._pages = QStackedWidget(self)
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        names = {
            Proposal.DAY_BEFORE: tr("The day before"),
            Proposal.WEEK_BEFORE: tr("The same day a week before"),
            Proposal.LAYOUT_BEFORE: tr("The layout before the last change"),
            Proposal.OWN: tr("Custom times"),
        }
        for proposal, name in names.items():
            self.proposals.setItemText(self.proposals.findData(proposal), name)
        self.proposals.setAccessibleName(tr("Compare with"))
        self.hall.setText(tr("Another hall…"))
        self.hall.setToolTip(tr("Use another venue's history for side A"))
        self.this_hall.setText(tr("This hall"))
        self.all_figures.setVisible(is_experts_view())
        self.all_figures.setText(tr("All figures"))
        self.all_figures.setToolTip(
            tr(
                "Each additional figure reduces the certainty of single changes, as false positives "
                "are controlled across all figures"
            )
        )
        self.unchanged.set_name(tr("Unchanged"))
        self.unchanged.setToolTip(
            tr("Unchanged zones: with few days, the other zones are compared with them")
        )
        self.compare.setText(tr("Compare"))
        for button in (self.hall, self.this_hall, self.compare):
            button.setAccessibleName(button.text())
        self.figure.setAccessibleName(tr("Figure in the chart"))
        self.list.set_table_name(tr("Changes"))
        if self._chosen_row is not None:
            self._show_sentence(self._chosen_row)
        for part, name in ((self.side_a, tr("Side A")), (self.side_b, tr("Side B"))):
            part.setAccessibleName(name)
        self._show_figures()
        self._render()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._render()

    def _build(self) -> None:
        theme = current_theme()
        card = QFrame(self)
        card.setProperty("role", "card")
        grid = QGridLayout(card)
        grid.setHorizontalSpacing(theme.space_m)
        for row, (name, picker) in enumerate(((self._name_b, self.side_b), (self._name_a, self.side_a))):
            name.setProperty("role", "muted")
            grid.addWidget(name, 2 * row, 0)
            grid.addWidget(picker, 2 * row, 1, Qt.AlignmentFlag.AlignLeft)
        of_b_choices, of_a_choices = QWidget(), QWidget()
        b_row, a_row = QHBoxLayout(of_b_choices), QHBoxLayout(of_a_choices)
        for choices in (b_row, a_row):
            choices.setContentsMargins(0, 0, 0, 0)
            choices.setSpacing(theme.space_s)
        self._hall_name.setProperty("role", "small")
        of_a: tuple[QWidget, ...] = (self.proposals, self.hall, self._hall_name, self.this_hall)
        for widget in of_a:
            a_row.addWidget(widget)
        a_row.addStretch(1)
        for widget in (self.unchanged, self.all_figures):
            b_row.addWidget(widget)
        b_row.addStretch(1)
        b_row.addWidget(self.compare)
        self._grid, self._choices = grid, (of_b_choices, of_a_choices)
        self._place_choices()
        self.headline.setProperty("role", "title")
        for label in (self.headline, self.notes, self.sentence):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.notes.setProperty("role", "small")
        chart_card = make_card(self.figure, (self.chart, 1), parent=self)
        list_card = make_card((self.list, 1), self.sentence, parent=self)
        splitter = make_splitter(Qt.Orientation.Horizontal, (chart_card, 3), (list_card, 7))
        result = QWidget()
        fill(
            QVBoxLayout(result),
            self.headline,
            self.notes,
            (splitter, 1),
            spacing=theme.space_s,
            margins=0,
        )
        self._hint = EmptyPage("compare", self)
        self._results = QStackedWidget()
        self._results.addWidget(result)
        self._results.addWidget(self._hint)
        content = QWidget()
        fill(QVBoxLayout(content), card, self.work, (self._results, 1), spacing=theme.space_s, margins=0)
        self._results.setMinimumHeight(_MIN_RESULTS_PX)
        scrolled = QWidget()
        scroll_content(scrolled, content)
        self._pages.addWidget(scrolled)
        self._pages.addWidget(self._empty)
        outer = self._make_column()
        outer.addWidget(self._pages, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._place_choices()

    def _place_choices(self) -> None:
        is_narrow = self._measure_one_line_px() > self.contentsRect().width()
        for row, choices in enumerate(self._choices):
            self._grid.removeWidget(choices)
            if is_narrow:
                self._grid.addWidget(choices, 2 * row + 1, 1)
            else:
                self._grid.addWidget(choices, 2 * row, 2)
        self._grid.setColumnStretch(1, 1 if is_narrow else 0)
        self._grid.setColumnStretch(2, 0 if is_narrow else 1)

    def _measure_one_line_px(self) -> int:
        """Return the width of a side's times with the choices beside them, including margins."""
        sides = zip((self.side_b, self.side_a), self._choices, strict=True)
        names = max(self._name_a.sizeHint().width(), self._name_b.sizeHint().width())
        widest = max(side.sizeHint().width() + choices.sizeHint().width() for side, choices in sides)
        layouts = [layout for layout in (self._grid, self.layout()) if layout is not None]
        margins = [layout.contentsMargins() for layout in layouts]
        around = sum(margin.left() + margin.right() for margin in margins)
        return names + widest + 2 * self._grid.horizontalSpacing() + around

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._render)
        self.proposals.activated.connect(
            lambda: viewmodel.choose_proposal(Proposal(self.proposals.currentData()))
        )
        self.side_a.period_chosen.connect(viewmodel.choose_a)
        self.side_b.period_chosen.connect(viewmodel.choose_b)
        self.hall.clicked.connect(self._choose_hall)
        self.this_hall.clicked.connect(lambda: viewmodel.choose_other_halls(()))
        self.all_figures.toggled.connect(lambda is_on: viewmodel.choose_figures(all_of_them=is_on))
        self.unchanged.checked_changed.connect(viewmodel.set_unchanged)
        self.compare.clicked.connect(viewmodel.compare)
        self.work.stop_requested.connect(viewmodel.cancel)
        self.figure.activated.connect(self._show_chart)
        self.list.record_chosen.connect(self._show_sentence)
        self.list.export_requested.connect(self._write_table)
        self.chart.row_chosen.connect(self._show_sentence)

    def _render(self) -> None:
        before, state = self._rendered, self._viewmodel.state
        self._rendered = state
        title, text = describe_empty_state(state)
        self._empty.show_texts(title, text)
        self._pages.setCurrentIndex(1 if title else 0)
        self.work.show_job(
            tr("Comparing") if state.is_computing else "",
            done=state.progress, total=1.0 if state.progress else 0.0, can_stop=True,
        )  # fmt: skip
        self.work.setVisible(state.is_computing)
        self._show_choice(state)
        self.compare.setEnabled(not state.is_computing)
        if state.fault is not None and state.fault is not before.fault:
            self._show_fault(state.fault)
        elif state.fault is None and before.fault is not None:
            self.banner.hide()
        hint = describe_hint(state)
        self._results.setCurrentIndex(0 if hint is None else 1)
        self._hint.show_texts(*(hint or ("", "")))
        self.headline.setText(describe_headline(state))
        self.notes.setText("\n".join(list_notes(state)))
        if state.figures is not before.figures:
            self.table.show(() if state.figures is None else state.figures.changes)
            self._chosen_row = None
            self.sentence.clear()
            self._show_figures()

    def _show_choice(self, state: ComparisonState) -> None:
        choice = state.choice
        if choice is None:
            return
        for picker, period_s in ((self.side_a, choice.a), (self.side_b, choice.b)):
            picker.show_period(period_s, exhibition=state.exhibition, history_s=state.history_s)
        layouts = self.proposals.findData(Proposal.LAYOUT_BEFORE)
        model = self.proposals.model()
        model.item(layouts).setEnabled(state.has_layouts)  # type: ignore[attr-defined]
        self.proposals.setCurrentIndex(self.proposals.findData(state.proposal))
        is_elsewhere = bool(choice.other_folders)
        names = [name_hall(folder) for folder in choice.other_folders]
        self._hall_name.setText(
            trn("mean of {n} hall", "mean of {n} halls", len(names)) if len(names) > 1 else "".join(names)
        )
        self._hall_name.setToolTip(", ".join(names))
        self._hall_name.setVisible(is_elsewhere)
        self._name_a.setText(tr("A, other hall") if is_elsewhere else tr("A, before"))
        self._name_b.setText(tr("B, this hall") if is_elsewhere else tr("B, after"))
        self.this_hall.setVisible(is_elsewhere)
        self._place_choices()
        self.unchanged.show_zones(state.zones, choice.unchanged)
        with QSignalBlocker(self.all_figures):
            self.all_figures.setChecked(len(choice.figures) > len(PRIMARY_METRICS))

    def _show_figures(self) -> None:
        figures = self._viewmodel.state.figures
        rows = () if figures is None else figures.changes
        present = [figure for figure in METRICS if any(row.change.metric is figure for row in rows)]
        chosen = self.figure.currentData()
        self.figure.clear()
        for figure in present:
            self.figure.addItem(translate_phrase(METRICS[figure].title), figure)
            self.figure.setItemData(
                self.figure.count() - 1,
                translate_phrase(METRICS[figure].definition),
                Qt.ItemDataRole.ToolTipRole,
            )
        real = {row.change.metric for row in rows if row.change.is_real}
        first = next((figure for figure in present if figure in real), Metric.MEAN_DWELL)
        selected = chosen if chosen in present else first
        self.figure.setCurrentIndex(max(0, self.figure.findData(selected)))
        self._show_chart()

    def _show_chart(self) -> None:
        figures, figure = self._viewmodel.state.figures, self.figure.currentData()
        rows = () if figures is None else figures.changes
        self.chart.show_rows([row for row in rows if row.change.metric == figure])

    def _show_sentence(self, row: DescribedChange) -> None:
        self._chosen_row = row
        self.sentence.setText(translate_change(row.sentence))
        self.sentence.setAccessibleName(self.sentence.text())

    def _choose_hall(self) -> None:
        """Offer the halls of the site, if the open venue is one of them, or a folder."""
        others = self._viewmodel.list_other_halls()
        if not others:
            self._open_hall_dialog()
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, folder in others:
            # an ampersand would underline the next letter
            action = menu.addAction(name.replace("&", "&&"))
            action.triggered.connect(partial(self._viewmodel.choose_other_halls, (folder,)))
        if len(others) > 1:
            folders = [folder for _name, folder in others]
            mean = menu.addAction(tr("All other halls (mean)"))
            mean.triggered.connect(partial(self._viewmodel.choose_other_halls, folders))
        menu.addSeparator()
        menu.addAction(tr("Another folder…"), self._open_hall_dialog)
        menu.popup(self.hall.mapToGlobal(self.hall.rect().bottomLeft()))

    def _open_hall_dialog(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Choose a venue's folder"))
        if folder:
            self._viewmodel.choose_other_halls([Path(folder)])
