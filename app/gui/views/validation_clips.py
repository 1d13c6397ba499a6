"""Which clips are wanted, and where they come from."""

from __future__ import annotations

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.gui.table_models.cell_text import format_share
from app.gui.table_models.record_table import SORT_ROLE
from app.gui.table_models.validation_tables import PlanTable
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.validation import ValidationViewModel
from app.gui.viewmodels.validation_state import ValidationState, ValidationStep
from app.gui.views.validation_recording import RecordingDialog
from app.gui.widgets.failure_note import FailureNote

MARGINS = (0.02, 0.05, 0.1, 0.2)
CLIP_LENGTHS_S = (30.0, 60.0, 120.0)
_PARTS = 1000


class ValidationClips(QWidget):
    """The second step: the plan as a table, and the clips as they are taken."""

    def __init__(self, viewmodel: ValidationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._margin_words, self._length_words = QLabel(), QLabel()
        self.margin, self.length = QComboBox(), QComboBox()
        self.plan, self.anew = QPushButton(), QPushButton()
        self.needed, self.progress, self.collecting = QLabel(), QLabel(), QLabel()
        self._bar, self._clip_bar = QProgressBar(), QProgressBar()
        self.table, self._sorted, self.strata = PlanTable(self), QSortFilterProxyModel(self), QTableView()
        self.live, self.recording, self.label = QPushButton(), QPushButton(), QPushButton()
        self.note = FailureNote()
        self._rows: object = None
        self._build()
        self.plan.clicked.connect(self._on_plan_clicked)
        self.anew.clicked.connect(viewmodel.begin_anew)
        self.live.clicked.connect(lambda: viewmodel.collect(not viewmodel.state.is_collecting))
        self.recording.clicked.connect(self._on_recording_clicked)
        self.label.clicked.connect(lambda: viewmodel.show_step(ValidationStep.LABEL))
        self.retranslate()

    def retranslate(self) -> None:
        """Take the window's language."""
        chosen = self.margin.currentIndex(), self.length.currentIndex()
        self.margin.clear()
        self.length.clear()
        for margin in MARGINS:
            self.margin.addItem("± " + format_share(margin), margin)
        for seconds in CLIP_LENGTHS_S:
            self.length.addItem(tr("{seconds:.0f} s", seconds=seconds), seconds)
        # five per cent, by clips of a minute
        self.margin.setCurrentIndex(chosen[0] if chosen[0] >= 0 else 1)
        self.length.setCurrentIndex(chosen[1] if chosen[1] >= 0 else 1)
        self._margin_words.setText(tr("Wanted interval"))
        self._length_words.setText(tr("Length of a clip"))
        self.margin.setAccessibleName(tr("Wanted interval"))
        self.length.setAccessibleName(tr("Length of a clip"))
        self.strata.setAccessibleName(tr("Clips that are wanted"))
        for bar, name in ((self._bar, tr("Clips of the plan")), (self._clip_bar, tr("Present clip"))):
            bar.setAccessibleName(name)
        for button, text, name in (
            (self.plan, tr("Plan"), tr("Find out how many minutes must be labelled")),
            (self.anew, tr("Begin anew"), tr("Leave the labels so far in their file, and begin with none")),
            (self.recording, tr("From a recording"), tr("Take clips of a recording that was analysed")),
            (self.label, tr("Label"), tr("Label the clips that are there")),
        ):
            button.setText(text)
            button.setToolTip(name)
            button.setAccessibleName(name)
        self.table.retranslate()
        self.show_state(self._viewmodel.state)

    def show_state(self, state: ValidationState) -> None:
        """Show the plan and how far it is."""
        if state.plan != self._rows:
            self._rows = state.plan
            self.table.show(state.plan)
        has_plan = bool(state.plan)
        self.needed.setText(state.needed or tr("Plan first: how full it was decides which clips are wanted."))
        self.progress.setText(state.progress)
        self._bar.setRange(0, _PARTS)
        self._bar.setValue(round(_PARTS * state.progress_share))
        done_s, total_s = state.collecting_done
        self.collecting.setText(state.collecting)
        self._clip_bar.setVisible(total_s > 0)
        self._clip_bar.setRange(0, round(_PARTS * total_s))
        self._clip_bar.setValue(round(_PARTS * done_s))
        self.live.setText(tr("Stop taking clips") if state.is_collecting else tr("From the live cameras"))
        name = tr("Stop taking clips") if state.is_collecting else tr("Take clips of the live cameras")
        self.live.setAccessibleName(name)
        can_take = has_plan and state.has_consent and not state.busy
        self.live.setEnabled(state.is_collecting or (can_take and state.is_recording))
        self.live.setToolTip("" if state.is_recording else tr("Start the recording first."))
        self.recording.setEnabled(can_take)
        self.label.setEnabled(bool(state.waiting))
        self.plan.setEnabled(not state.busy)
        self.anew.setVisible(state.labelled > 0)
        self.anew.setEnabled(not state.busy and not state.is_collecting)
        problem = "" if state.has_consent or not has_plan else tr("Nobody has agreed that clips are kept.")
        remedy = tr("Go back to the first step.") if problem else ""
        self.note.show_failure(problem, remedy, "")

    def _build(self) -> None:
        theme = current_theme()
        card = QFrame()
        card.setProperty("role", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        column.setSpacing(theme.space_s)
        first = QHBoxLayout()
        first.setSpacing(theme.space_s)
        for widget in (self._margin_words, self.margin, self._length_words, self.length, self.plan):
            first.addWidget(widget)
        first.addStretch(1)
        first.addWidget(self.anew)
        self.plan.setProperty("role", "primary")
        self.label.setProperty("role", "primary")
        self.needed.setProperty("role", "title")
        for label in (self.needed, self.progress, self.collecting):
            label.setWordWrap(True)
        for label in (self.progress, self.collecting):
            label.setProperty("role", "muted")
        for bar in (self._bar, self._clip_bar):
            bar.setTextVisible(False)
        self._sorted.setSourceModel(self.table)
        self._sorted.setSortRole(SORT_ROLE)
        self.strata.setModel(self._sorted)
        self.strata.setSortingEnabled(True)
        self.strata.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.strata.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.strata.verticalHeader().hide()
        self.strata.setShowGrid(False)
        self.strata.setAlternatingRowColors(True)
        self.strata.setTabKeyNavigation(False)
        self.strata.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        take = QHBoxLayout()
        take.setSpacing(theme.space_s)
        for button in (self.live, self.recording):
            take.addWidget(button)
        take.addWidget(self.collecting, 1)
        take.addWidget(self._clip_bar, 1)
        take.addWidget(self.label)
        column.addLayout(first)
        for below in (self.needed, self.note, self.progress, self._bar):
            column.addWidget(below)
        column.addWidget(self.strata, 1)
        column.addLayout(take)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)

    def _on_plan_clicked(self) -> None:
        self._viewmodel.plan(margin=self.margin.currentData(), clip_s=self.length.currentData())

    def _on_recording_clicked(self) -> None:
        dialog = RecordingDialog(self._viewmodel.describe_recordings(), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._viewmodel.take_from_recording)
        dialog.open()
