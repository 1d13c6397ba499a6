"""Says what the columns of another system's table mean, with its first rows below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from analytics.domain.external_count import CountKind
from app.gui.session.translation import tr
from app.gui.timeline.timeline_tables import name_count, name_zone
from app.timeline.counts_file import CountColumns, CountsPreview

_LENGTHS_S = (60.0, 900.0, 1800.0, 3600.0, 86_400.0)


class CountsDialog(QDialog):
    """Only the columns that are chosen are read; names and numbers of people are not offered."""

    def __init__(
        self, preview: CountsPreview, zones: Sequence[str], *, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Import counts"))
        self.resize(640, 480)
        guess = preview.guess
        self.name, self.kind, self.fixed_zone, self.length = (
            QLineEdit(name),
            QComboBox(),
            QComboBox(),
            QComboBox(),
        )
        self.time, self.count, self.zone, self.amount = (QComboBox() for _ in range(4))
        for kind in CountKind:
            self.kind.addItem(name_count(kind), kind)
        for box, none, chosen in (
            (self.time, None, guess and guess.time),
            (self.count, tr("none: each row counts as one"), guess and guess.count),
            (self.zone, tr("none"), guess and guess.zone),
            (self.amount, tr("none"), guess and guess.amount),
        ):
            if none is not None:
                box.addItem(none, None)
            for column in preview.columns:
                box.addItem(column, column)
            box.setCurrentIndex(max(0, box.findData(chosen)))
        for zone in (None, *zones):
            self.fixed_zone.addItem(name_zone(zone), zone)
        for length_s, words in zip(
            _LENGTHS_S,
            (tr("a minute"), tr("a quarter of an hour"), tr("half an hour"), tr("an hour"), tr("a day")),
            strict=True,
        ):
            self.length.addItem(words, length_s)
        self.length.setCurrentIndex(self.length.findData(3600.0))
        form = QFormLayout()
        for label, field in (
            (tr("Name of the source"), self.name),
            (tr("What was counted"), self.kind),
            (tr("Column of the time"), self.time),
            (tr("Each row is of"), self.length),
            (tr("Column of the number"), self.count),
            (tr("Column of the zone"), self.zone),
            (tr("or all rows are of"), self.fixed_zone),
            (tr("Column of the amount"), self.amount),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label)
        table = QTableWidget(len(preview.rows), len(preview.columns))
        table.setHorizontalHeaderLabels(preview.columns)
        for number, row in enumerate(preview.rows):
            for at, cell in enumerate(row):
                table.setItem(number, at, QTableWidgetItem(cell))
        table.resizeColumnsToContents()
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setAccessibleName(tr("The first rows"))
        table.setTabKeyNavigation(False)
        column_layout = QVBoxLayout(self)
        column_layout.addLayout(form)
        if preview.personal:
            note = QLabel(
                tr("Never read, for they may name people: {columns}.", columns=", ".join(preview.personal))
            )
            note.setWordWrap(True)
            column_layout.addWidget(note)
        column_layout.addWidget(table, 1)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        for role, text in (
            (QDialogButtonBox.StandardButton.Ok, tr("Import")),
            (QDialogButtonBox.StandardButton.Cancel, tr("Cancel")),
        ):
            buttons.button(role).setText(text)
            buttons.button(role).setAccessibleName(text)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column_layout.addWidget(buttons)

    @property
    def columns_chosen(self) -> CountColumns:
        """What the columns mean."""
        return CountColumns(
            time=str(self.time.currentData()),
            count=self.count.currentData(),
            zone=self.zone.currentData(),
            amount=self.amount.currentData(),
            fixed_zone=self.fixed_zone.currentData(),
            length_s=float(self.length.currentData()),
        )

    @property
    def kind_chosen(self) -> CountKind:
        """What was counted."""
        return CountKind(self.kind.currentData())
