"""What is wrong with the plan, as a list, and the last minutes counted by it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.gui.table_models.plan_editor_tables import ReplayTable
from app.gui.theme import current_theme
from app.gui.translation import tr, trn
from app.gui.viewmodels.plan_editor_checks import REPLAY_MINUTES, PlanChecksState, PlanChecksViewModel


class PlanEditorChecks(QFrame):
    """Renders a `PlanChecksState`."""

    shape_chosen = Signal(object)
    """The `Shape` that a finding is about."""
    title_changed = Signal()

    def __init__(self, viewmodel: PlanChecksViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._rendered = PlanChecksState()
        self._title, self._replay_title = QLabel(), QLabel()
        self.summary, self.remedy, self.replay_text = QLabel(), QLabel(), QLabel()
        self.findings = QListWidget()
        self.minutes, self.count = QComboBox(), QPushButton()
        self.counted, self.counted_list = ReplayTable(self), QTableView()
        self._build()
        viewmodel.state_changed.connect(self._render)
        self.findings.currentRowChanged.connect(self._on_finding_chosen)
        self.findings.itemClicked.connect(lambda _item: self._on_finding_chosen(self.findings.currentRow()))
        self.count.clicked.connect(lambda: viewmodel.replay(self.minutes.currentData()))
        self.retranslate()

    def describe_title(self) -> tuple[str, str]:
        """For the button that shows this panel: its text, with the count of findings, and its name."""
        count = len(self._viewmodel.state.findings)
        if not count:
            return tr("Check"), tr("What is wrong with the plan")
        things = trn("{n} thing to look at", "{n} things to look at", count)
        return f"{tr('Check')} ({count})", f"{tr('What is wrong with the plan')}: {things}"

    def retranslate(self) -> None:
        """Take the window's language."""
        self._title.setText(tr("What is wrong with the plan"))
        self.findings.setAccessibleName(tr("What is wrong with the plan"))
        self._replay_title.setText(tr("Try it out"))
        chosen = self.minutes.currentIndex()
        self.minutes.clear()
        for minutes in REPLAY_MINUTES:
            self.minutes.addItem(trn("last minute", "last {n} minutes", minutes), minutes)
        self.minutes.setCurrentIndex(max(chosen, 0))
        self.minutes.setAccessibleName(tr("How long to count again"))
        self.count.setText(tr("Count again"))
        self.count.setAccessibleName(tr("Count the last minutes by the changed zones"))
        self.counted_list.setAccessibleName(tr("Counts before and after"))
        self.counted.retranslate()
        self._viewmodel.retranslate()
        self._render()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() is QEvent.Type.PaletteChange:
            self._fill_findings(self._rendered)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102
        super().showEvent(event)
        self._render()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802, D102
        super().hideEvent(event)
        with QSignalBlocker(self.findings):
            self.findings.setCurrentRow(-1)

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        column.setSpacing(theme.space_s)
        for title in (self._title, self._replay_title):
            title.setProperty("role", "title")
        for label, role in ((self.summary, "muted"), (self.remedy, "banner"), (self.replay_text, "small")):
            label.setProperty("role", role)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.remedy.setMargin(theme.space_s)
        self.findings.setWordWrap(True)
        self.findings.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.findings.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.counted_list.setModel(self.counted)
        self.counted_list.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.counted_list.verticalHeader().hide()
        self.counted_list.setTabKeyNavigation(False)
        self.counted_list.setShowGrid(False)
        header = self.counted_list.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        row = QHBoxLayout()
        row.addWidget(self.minutes, 1)
        row.addWidget(self.count)
        column.addWidget(self._title)
        column.addWidget(self.summary)
        column.addWidget(self.findings, 3)
        column.addWidget(self.remedy)
        column.addWidget(self._replay_title)
        column.addWidget(self.replay_text)
        column.addLayout(row)
        column.addWidget(self.counted_list, 2)
        column.addStretch(0)

    def _render(self) -> None:
        state, was = self._viewmodel.state, self._rendered
        self._rendered = state
        self.summary.setText(state.summary)
        if state.findings != was.findings or self.findings.count() != len(state.findings):
            self._fill_findings(state)
        self.findings.setVisible(bool(state.findings))
        self._show_remedy()
        self.replay_text.setText(state.replay_text)
        self.count.setEnabled(state.has_venue and not state.is_replaying)
        self.counted.show(state.replay)
        self.counted_list.setVisible(bool(state.replay))
        if len(state.findings) != len(was.findings):
            self.title_changed.emit()

    def _fill_findings(self, state: PlanChecksState) -> None:
        theme = current_theme()
        row = self.findings.currentRow()
        with QSignalBlocker(self.findings):
            self.findings.clear()
            for finding in state.findings:
                item = QListWidgetItem(finding.text, self.findings)
                item.setForeground(QColor(theme.bad if finding.tone == "bad" else theme.text))
                item.setToolTip(finding.remedy)
                item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, finding.remedy)
            if row < len(state.findings):
                self.findings.setCurrentRow(row)

    def _show_remedy(self) -> None:
        row, findings = self.findings.currentRow(), self._viewmodel.state.findings
        self.remedy.setVisible(0 <= row < len(findings))
        if 0 <= row < len(findings):
            self.remedy.setText(findings[row].remedy)

    def _on_finding_chosen(self, row: int) -> None:
        self._show_remedy()
        findings = self._viewmodel.state.findings
        if 0 <= row < len(findings) and findings[row].shape is not None:
            self.shape_chosen.emit(findings[row].shape)
