"""Where somebody agrees that short clips are kept for labelling, and is told what becomes of them."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.validation import ValidationViewModel
from app.gui.viewmodels.validation_state import ValidationState, ValidationStep

_WIDEST_PX = 760


class ValidationConsent(QWidget):
    """The first step; nothing is kept before its box is ticked."""

    def __init__(self, viewmodel: ValidationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._title, self._what, self._given_words, self._labelled_words = (QLabel() for _ in range(4))
        self._unfinished = QLabel()
        self.given_by, self.labelled_by = QLineEdit(), QLineEdit()
        self.agree, self.in_file = QCheckBox(), QCheckBox()
        self.begin, self.results = QPushButton(), QPushButton()
        self._build()
        self.agree.toggled.connect(self._show_begin)
        self.given_by.textChanged.connect(self._show_begin)
        self.begin.clicked.connect(self._on_begin_clicked)
        self.results.clicked.connect(lambda: viewmodel.show_step(ValidationStep.RESULTS))
        self.retranslate()

    def retranslate(self) -> None:
        """Take the window's language."""
        self._title.setText(tr("How accurate is it here?"))
        self._what.setText(
            tr(
                "Short clips of your own cameras are labelled by hand and compared with what the system "
                "counted in the same seconds. The clips show people. They are kept encrypted and only for "
                "labelling, with a key that exists in memory alone: each clip is removed when it has been "
                "labelled, all of them after 8 hours, when the venue or the window is closed, or when you "
                "say so. The labels that stay are times and places without any picture."
            )
        )
        self._given_words.setText(tr("Who agrees"))
        self._labelled_words.setText(tr("Who labels"))
        self.given_by.setAccessibleName(tr("Who agrees"))
        self.labelled_by.setAccessibleName(tr("Who labels"))
        self.labelled_by.setPlaceholderText(tr("The same person"))
        self.agree.setText(tr("I agree that clips are kept like this, and may decide so for this venue"))
        self.in_file.setText(tr("Keep the encrypted pictures in a file of the venue, to spare memory"))
        self.begin.setText(tr("Begin"))
        self.results.setText(tr("Show results so far"))
        for control in (self.agree, self.in_file, self.begin, self.results):
            control.setAccessibleName(control.text())
        self.show_state(self._viewmodel.state)

    def show_state(self, state: ValidationState) -> None:
        """Show what there is already."""
        self.results.setVisible(state.labelled > 0)
        self._unfinished.setText(state.unfinished)
        self._unfinished.setVisible(bool(state.unfinished))
        self._show_begin()

    def _build(self) -> None:
        theme = current_theme()
        card = QFrame()
        card.setProperty("role", "card")
        card.setMaximumWidth(_WIDEST_PX)
        self._title.setProperty("role", "title")
        self._unfinished.setProperty("role", "warning")
        for label in (self._what, self._unfinished):
            label.setWordWrap(True)
        self.begin.setProperty("role", "primary")
        form = QFormLayout()
        form.setHorizontalSpacing(theme.space_l)
        form.setVerticalSpacing(theme.space_s)
        form.addRow(self._given_words, self.given_by)
        form.addRow(self._labelled_words, self.labelled_by)
        buttons = QHBoxLayout()
        buttons.addWidget(self.begin)
        buttons.addWidget(self.results)
        buttons.addStretch(1)
        column = QVBoxLayout(card)
        column.setContentsMargins(theme.space_l, theme.space_l, theme.space_l, theme.space_l)
        column.setSpacing(theme.space_m)
        for widget in (self._title, self._what, self._unfinished):
            column.addWidget(widget)
        column.addLayout(form)
        column.addWidget(self.agree)
        column.addWidget(self.in_file)
        column.addLayout(buttons)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card, 20)
        row.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(row)
        outer.addStretch(1)

    def _show_begin(self) -> None:
        self.begin.setEnabled(self.agree.isChecked() and bool(self.given_by.text().strip()))

    def _on_begin_clicked(self) -> None:
        is_begun = self._viewmodel.consent(
            given_by=self.given_by.text(),
            labelled_by=self.labelled_by.text(),
            in_file=self.in_file.isChecked(),
        )
        if is_begun:
            # the next clips want a consent of their own
            self.agree.setChecked(False)
