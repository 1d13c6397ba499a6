"""The dialog for a decision about a finding: dismiss it, note something, or say what was changed."""

from __future__ import annotations

import dataclasses
from datetime import date

from PySide6.QtCore import QDate
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.findings_words import REASONS, describe_reason
from app.venue.finding_decisions import FindingDecision

_LONGEST_NOTE = 500
_WIDTH_PX = 460


class FindingDecisionDialog(QDialog):
    """``decision`` is what was decided once it is accepted."""

    def __init__(
        self, decision: FindingDecision, *, what: str, today: date, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._former = decision
        self.setWindowTitle(tr("Decide about a finding"))
        self.setMinimumWidth(_WIDTH_PX)
        title = QLabel(what, self)
        title.setProperty("role", "title")
        title.setWordWrap(True)
        self.dismiss = QCheckBox(tr("Do not tell it again"), self)
        self.reason = QComboBox(self)
        for reason in REASONS:
            self.reason.addItem(describe_reason(reason), reason)
        self.note = QLineEdit(decision.note, self)
        self.note.setMaxLength(_LONGEST_NOTE)
        self.has_changed = QCheckBox(tr("The layout is changed since"), self)
        changed_on = decision.changed_on or today
        self.changed_on = QDateEdit(QDate(changed_on.year, changed_on.month, changed_on.day), self)
        self.changed_on.setCalendarPopup(True)
        self.changed_on.setDisplayFormat("yyyy-MM-dd")
        self.dismiss.setChecked(decision.is_dismissed)
        self.reason.setCurrentIndex(max(0, self.reason.findData(decision.reason)))
        self.has_changed.setChecked(decision.changed_on is not None)
        self.dismiss.toggled.connect(self._enable)
        self.has_changed.toggled.connect(self._enable)
        form = QFormLayout()
        form.setSpacing(current_theme().space_s)
        form.addRow(self.dismiss, self.reason)
        form.addRow(self.has_changed, self.changed_on)
        form.addRow(tr("Note"), self.note)
        for field, name in (
            (self.reason, tr("Reason")),
            (self.changed_on, tr("Day of the change")),
            (self.note, tr("Note")),
            (self.dismiss, self.dismiss.text()),
            (self.has_changed, self.has_changed.text()),
        ):
            field.setAccessibleName(name)
        hint = QLabel(tr("With the day of a change, before and after can be compared."), self)
        hint.setProperty("role", "small")
        hint.setWordWrap(True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel, self
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(current_theme().space_m)
        column.addWidget(title)
        column.addLayout(form)
        column.addWidget(hint)
        column.addWidget(buttons)
        self._enable()

    @property
    def decision(self) -> FindingDecision:
        """What the fields say."""
        is_dismissed = self.dismiss.isChecked()
        day = self.changed_on.date()
        return dataclasses.replace(
            self._former,
            is_dismissed=is_dismissed,
            reason=str(self.reason.currentData()) if is_dismissed else "",
            note=self.note.text().strip(),
            changed_on=date(day.year(), day.month(), day.day()) if self.has_changed.isChecked() else None,
        )

    def _enable(self) -> None:
        self.reason.setEnabled(self.dismiss.isChecked())
        self.changed_on.setEnabled(self.has_changed.isChecked())
