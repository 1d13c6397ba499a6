"""The comparison page: two periods, layouts or halls, what changed, and what cannot be told."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSignalBlocker, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.error_reporting import ErrorReport
from app.gui.table_models.change_table import ChangeTable
from app.gui.table_models.change_words import define_figure, name_figure, tell_change
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.comparison import ComparisonState, ComparisonViewModel, Proposal
from app.gui.viewmodels.comparison_words import describe_emptiness, describe_hint, list_notes, tell_headline
from app.gui.widgets.change_chart import ChangeChart
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.record_list import RecordList
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.table_file_question import ask_for_table_file
from app.gui.widgets.time_range_picker import TimeRangePicker
from app.gui.widgets.work_row import WorkRow
from app.gui.widgets.zone_checks import ZoneChecks
from app.operations.comparison_figures import PRIMARY_FIGURES, ChangeRow, Figure

_LEAST_RESULTS_PX = 400


class ComparisonView(QWidget):
    """Shows a `ComparisonState`; every choice goes to the view-model."""

    def __init__(self, viewmodel: ComparisonViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._shown = ComparisonState()
        self._told: ChangeRow | None = None
        self.banner = NotificationBanner(self)
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
        self.work = WorkRow(self)
        policy = self.work.sizePolicy()
        policy.setRetainSizeWhenHidden(False)
        self.work.setSizePolicy(policy)
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
        """Take the window's language."""
        names = {
            Proposal.DAY_BEFORE: tr("The day before"),
            Proposal.WEEK_BEFORE: tr("The same day a week before"),
            Proposal.LAYOUT_BEFORE: tr("The layout before the last change"),
            Proposal.OWN: tr("Times of your own"),
        }
        for proposal, name in names.items():
            self.proposals.setItemText(self.proposals.findData(proposal), name)
        self.proposals.setAccessibleName(tr("Compare with"))
        self._name_a.setText(tr("A, before"))
        self._name_b.setText(tr("B, after"))
        self.hall.setText(tr("Another hall…"))
        self.hall.setToolTip(tr("Take side A from the history of another venue"))
        self.this_hall.setText(tr("This hall"))
        self.all_figures.setText(tr("All figures"))
        self.all_figures.setToolTip(
            tr("Each further figure makes a change harder to believe: false ones are controlled over all")
        )
        self.unchanged.set_name(tr("Unchanged"))
        self.unchanged.setToolTip(
            tr("Zones about which nothing changed: with few days, the others are held against them")
        )
        self.compare.setText(tr("Compare"))
        for button in (self.hall, self.this_hall, self.compare):
            button.setAccessibleName(button.text())
        self.figure.setAccessibleName(tr("Figure in the chart"))
        self.list.set_table_name(tr("Changes"))
        if self._told is not None:
            self._show_sentence(self._told)
        for part, name in ((self.side_a, tr("Side A")), (self.side_b, tr("Side B"))):
            part.setAccessibleName(name)
        self._show_figures()
        self._render()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102
        super().showEvent(event)
        self._viewmodel.set_watched(True)
        self._render()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802, D102
        super().hideEvent(event)
        self._viewmodel.set_watched(False)

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
        chart_card, list_card = QFrame(self), QFrame(self)
        for frame in (chart_card, list_card):
            frame.setProperty("role", "card")
        left, right = QVBoxLayout(chart_card), QVBoxLayout(list_card)
        left.addWidget(self.figure)
        left.addWidget(self.chart, 1)
        right.addWidget(self.list, 1)
        right.addWidget(self.sentence)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(chart_card)
        splitter.addWidget(list_card)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 7)
        splitter.setChildrenCollapsible(False)
        result = QWidget()
        column = QVBoxLayout(result)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space_s)
        column.addWidget(self.headline)
        column.addWidget(self.notes)
        column.addWidget(splitter, 1)
        self._hint = EmptyPage("compare", self)
        self._results = QStackedWidget()
        self._results.addWidget(result)
        self._results.addWidget(self._hint)
        content = QWidget()
        page = QVBoxLayout(content)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(theme.space_s)
        page.addWidget(card)
        page.addWidget(self.work)
        page.addWidget(self._results, 1)
        self._results.setMinimumHeight(_LEAST_RESULTS_PX)
        scrolled = QWidget()
        scroll_content(scrolled, content)
        self._pages.addWidget(scrolled)
        self._pages.addWidget(self._empty)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        outer.addWidget(self.banner)
        outer.addWidget(self._pages, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put what is chosen beside the times below them where there is no room beside."""
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
        """What a side's times and all that is chosen beside them ask for, the page's margins with them."""
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
        viewmodel.exported.connect(
            lambda path: self.banner.show_message(
                lambda: tr("The table was written to {path}.", path=path), tone="good"
            )
        )
        viewmodel.export_failed.connect(self._show_fault)
        self.proposals.activated.connect(
            lambda: viewmodel.choose_proposal(Proposal(self.proposals.currentData()))
        )
        self.side_a.period_chosen.connect(viewmodel.choose_a)
        self.side_b.period_chosen.connect(viewmodel.choose_b)
        self.hall.clicked.connect(self._ask_for_hall)
        self.this_hall.clicked.connect(lambda: viewmodel.choose_other_hall(None))
        self.all_figures.toggled.connect(lambda is_on: viewmodel.choose_figures(all_of_them=is_on))
        self.unchanged.checked_changed.connect(viewmodel.set_unchanged)
        self.compare.clicked.connect(viewmodel.compare)
        self.work.stop_requested.connect(viewmodel.cancel)
        self.figure.activated.connect(self._show_chart)
        self.list.record_chosen.connect(self._show_sentence)
        self.list.export_requested.connect(self._on_export_requested)
        self.chart.row_chosen.connect(self._show_sentence)

    def _render(self) -> None:
        before, state = self._shown, self._viewmodel.state
        self._shown = state
        title, text = describe_emptiness(state)
        self._empty.show_texts(title, text)
        self._pages.setCurrentIndex(1 if title else 0)
        self.work.show_work(
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
        self.headline.setText(tell_headline(state))
        self.notes.setText("\n".join(list_notes(state)))
        if state.figures is not before.figures:
            self.table.show(() if state.figures is None else state.figures.rows)
            self._told = None
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
        is_elsewhere = choice.other_folder is not None
        self._hall_name.setText("" if choice.other_folder is None else choice.other_folder.stem)
        self._hall_name.setVisible(is_elsewhere)
        self.this_hall.setVisible(is_elsewhere)
        self._place_choices()
        self.unchanged.show_zones(state.zones, choice.unchanged)
        with QSignalBlocker(self.all_figures):
            self.all_figures.setChecked(len(choice.figures) > len(PRIMARY_FIGURES))

    def _show_figures(self) -> None:
        """The figures that the chart can show, those with a real change first."""
        figures = self._viewmodel.state.figures
        rows = () if figures is None else figures.rows
        present = [figure for figure in Figure if any(row.figure is figure for row in rows)]
        chosen = self.figure.currentData()
        self.figure.clear()
        for figure in present:
            self.figure.addItem(name_figure(figure), figure)
            self.figure.setItemData(
                self.figure.count() - 1, define_figure(figure), Qt.ItemDataRole.ToolTipRole
            )
        real = [figure for figure in present if any(row.is_real and row.figure is figure for row in rows)]
        wanted = chosen if chosen in present else (real or [Figure.MEAN_DWELL])[0]
        self.figure.setCurrentIndex(max(0, self.figure.findData(wanted)))
        self._show_chart()

    def _show_chart(self) -> None:
        figures, figure = self._viewmodel.state.figures, self.figure.currentData()
        rows = () if figures is None else figures.rows
        self.chart.show_rows([row for row in rows if row.figure == figure])

    def _show_sentence(self, row: ChangeRow) -> None:
        self._told = row
        self.sentence.setText(tell_change(row))
        self.sentence.setAccessibleName(self.sentence.text())

    def _ask_for_hall(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Choose a venue's folder"))
        if folder:
            self._viewmodel.choose_other_hall(Path(folder))

    def _on_export_requested(self, titles: list[str], rows: list[list[str]]) -> None:
        path = ask_for_table_file(self, tr("comparison.csv"))
        if path is not None:
            self._viewmodel.export_table(path, titles, rows)

    def _show_fault(self, fault: ErrorReport) -> None:
        self.banner.show_message(lambda: fault.tell_again(tr).problem, lambda: fault.tell_again(tr).remedy)
