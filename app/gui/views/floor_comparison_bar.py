"""Above the floor plan while two periods are compared: how they are shown, and what differs in words."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.floor_comparison import FloorComparisonViewModel
from app.gui.viewmodels.floor_comparison_words import name_choices
from app.gui.widgets.moment_edit import MomentEdit
from app.gui.widgets.shrinking_list import ShrinkingList
from app.operations.floor_comparison import ComparedWith


class FloorComparisonBar(QWidget):
    """One row; ``choices`` has its place among the plan's other tools."""

    def __init__(self, viewmodel: FloorComparisonViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.choices, self.own_start = ShrinkingList(), MomentEdit()
        self.difference, self.beside = QToolButton(), QToolButton()
        self.words = QLabel()
        self._build()
        self.choices.activated.connect(
            lambda index: viewmodel.set_compared_with(ComparedWith(self.choices.itemData(index)))
        )
        self.beside.toggled.connect(viewmodel.set_beside)
        self.own_start.moment_chosen.connect(viewmodel.set_own_start)

    def retranslate(self) -> None:
        """Take the window's language."""
        with QSignalBlocker(self.choices):
            self.choices.clear()
            for choice, name in name_choices().items():
                self.choices.addItem(name, choice)
        self.choices.setAccessibleName(tr("Compare the period with another one"))
        self.choices.setToolTip(self.choices.accessibleName())
        self.choices.view().setAccessibleName(self.choices.accessibleName())
        self.difference.setText(tr("Difference"))
        self.difference.setToolTip(tr("What changed at each place, whether many or few people came"))
        self.beside.setText(tr("Side by side"))
        self.beside.setToolTip(tr("Both periods on one scale, zoomed and moved together"))
        self.own_start.setAccessibleName(tr("Where the other period begins"))
        for button in (self.difference, self.beside):
            button.setAccessibleName(button.text())
        self.render_state()

    def render_state(self) -> None:
        """Show the view-model's state."""
        state = self._viewmodel.state
        self.setVisible(state.is_on)
        with QSignalBlocker(self.choices):
            self.choices.setCurrentIndex(self.choices.findData(state.compared_with))
        self.difference.setEnabled(state.can_differ)
        for button, is_on in ((self.difference, not state.shows_other), (self.beside, state.shows_other)):
            with QSignalBlocker(button):
                button.setChecked(is_on)
        is_own = state.compared_with is ComparedWith.OWN
        self.own_start.setVisible(is_own)
        exhibition = self._viewmodel.exhibition
        if is_own and state.own_start_s is not None and exhibition is not None:
            self.own_start.show_moment(state.own_start_s, exhibition)
        words = state.words
        if state.progress is not None:
            words = tr("Comparing two periods")
        self.words.setText(words)
        self.words.setToolTip(words)

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(current_theme().space_xs)
        group = QButtonGroup(self)
        for button in (self.difference, self.beside):
            button.setCheckable(True)
            button.setProperty("role", "layer")
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            group.addButton(button)
            row.addWidget(button)
        row.addWidget(self.own_start)
        self.words.setProperty("role", "small")
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self.words, 1)
