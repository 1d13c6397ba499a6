"""Exhibitors, rents, targets and sponsors of all stands: edited in cells, pasted or imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from analytics.domain.zone_targets import MAX_CURRENCY, ZoneTargets
from app.access.roles import Permission
from app.exhibition.exhibition_figures import StandRow
from app.exhibition.stand_import import FIELD_TITLES, StandField, StandImport, StandImportRow
from app.gui.exhibition.model import ExhibitionState, ExhibitionViewModel
from app.gui.session.cell_text import ABSENT, format_number, format_share
from app.gui.session.permissions import has_permission, require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import display_name, tr, translate_phrase, trn
from app.gui.tables.record_list import RecordList
from app.gui.tables.record_table import (
    Index,
    KeyedRecordTable,
    TableColumn,
    export_number,
    make_name_column,
    make_number_column,
    make_text_column,
)
from app.gui.widgets.layouts import (
    fill,
    make_column,
    make_dialog_buttons,
    make_row,
    name_button,
    open_dialog,
    show_text,
    style_labels,
)

_FIELDS = tuple(StandField)
_PREVIEW_WH = 860, 520


@dataclass(frozen=True, slots=True)
class StandListRow:
    """A stand with its index of colour among the zones, and its figures; None until known."""

    targets: ZoneTargets
    colour: int
    figures: StandRow | None = None

    @property
    def zone(self) -> str:
        return str(self.targets.zone)


class StandListTable(KeyedRecordTable[StandListRow]):
    """Table of what is entered for stands; every cell but the name can be edited."""

    edited = Signal(str, object, str)
    """The stand, the `StandField` and the text that was typed."""

    def make_columns(self) -> Sequence[TableColumn[StandListRow]]:
        return (
            make_name_column(_name_field(StandField.STAND), lambda row: row.zone),
            make_text_column(_name_field(StandField.EXHIBITOR), lambda row: row.targets.exhibitor),
            _make_number_column(StandField.RENT, tr("Rent of the stand for the whole show.")),
            _make_number_column(StandField.VISITS, tr("Target of visits on an open day.")),
            _make_number_column(StandField.ENGAGED, tr("Target of engaged visits on an open day.")),
            _make_number_column(
                StandField.NEEDED, tr("Seconds that a visitor needs to see or try everything")
            ),
            make_text_column(
                _name_field(StandField.SPONSOR),
                lambda row: _show_value(StandField.SPONSOR, row.targets),
                meaning=tr("Popular routes should lead past it."),
            ),
            _make_reached_column(
                tr("Visits reached"), lambda stand: stand.visits, lambda stand: stand.visits_target
            ),
            _make_reached_column(
                tr("Engaged visits reached"),
                lambda stand: stand.engaged_visits,
                lambda stand: stand.engaged_target,
            ),
        )

    def identify(self, record: StandListRow) -> object:
        return record.zone

    def find_colour(self, record: StandListRow) -> int:
        return record.colour

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return which cells can be edited, and that sponsors are ticked."""
        flags = super().flags(index)
        if not 0 < index.column() < len(_FIELDS) or not has_permission(Permission.EDIT_PLAN):
            return flags
        if _FIELDS[index.column()] is StandField.SPONSOR:
            return flags | Qt.ItemFlag.ItemIsUserCheckable
        return flags | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if (
            index.isValid()
            and index.column() < len(_FIELDS)
            and role in (Qt.ItemDataRole.EditRole, Qt.ItemDataRole.CheckStateRole)
        ):
            field, targets = _FIELDS[index.column()], self.record(index.row()).targets
            if role == Qt.ItemDataRole.CheckStateRole:
                if field is not StandField.SPONSOR:
                    return None
                return Qt.CheckState.Checked if targets.is_sponsor else Qt.CheckState.Unchecked
            number = _read_number(field, targets)
            return targets.exhibitor if field is StandField.EXHIBITOR else export_number(number, 12)
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        field, row = _FIELDS[index.column()], self.record(index.row())
        if role == Qt.ItemDataRole.CheckStateRole:
            text = "yes" if Qt.CheckState(value) is Qt.CheckState.Checked else "no"
        elif role != Qt.ItemDataRole.EditRole or str(value) == str(self.data(index, role)):
            return False
        else:
            text = str(value)
        self.edited.emit(row.zone, field, text)
        return True


class StandListPanel(QWidget):
    """Table of rents and targets with paste, import, currency, undo and redo."""

    def __init__(self, viewmodel: ExhibitionViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._dialog: StandImportDialog | None = None
        self.model = StandListTable(self)
        self.list = RecordList(self.model, table_name="", parent=self)
        self.table = self.list.table
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.currency, self._currency_label, self._hint = QLineEdit(), QLabel(), QLabel()
        self.currency.setMaxLength(MAX_CURRENCY)
        self.currency.setMaximumWidth(80)
        style_labels("muted", self._hint)
        self.paste_button, self.import_button, self.undo, self.redo = (QPushButton() for _ in range(4))
        for widget in (self.paste_button, self.import_button, self.currency, self.undo, self.redo):
            require_permission(widget, Permission.EDIT_PLAN)
        tools = fill(
            make_row(spacing=current_theme().space_s),
            self.paste_button,
            self.import_button,
            self._currency_label,
            self.currency,
            1,
            self.undo,
            self.redo,
        )
        fill(make_column(self, margins=0, spacing=current_theme().space_s), tools, self._hint, (self.list, 1))
        self._bind()

    @property
    def dialog(self) -> StandImportDialog | None:
        return self._dialog

    def retranslate(self) -> None:
        self.list.set_table_name(tr("Rents and targets of stands"))
        self.list.set_hint(tr("Draw zones on the plan to enter their rents."))
        self._hint.setText(
            tr(
                "Type into a cell, or paste cells from a spreadsheet (Ctrl+V): with titles and stands, or a "
                "block that begins at the current cell."
            )
        )
        name_button(self.paste_button, tr("Paste"), tr("Paste cells from a spreadsheet (Ctrl+V)"))
        name_button(self.import_button, tr("Import…"), tr("Import a CSV or XLSX file"))
        self._currency_label.setText(tr("Currency"))
        self.currency.setAccessibleName(tr("Currency of all rents"))
        self.currency.setPlaceholderText("EUR")

    def show_state(self, state: ExhibitionState) -> None:
        stands, currency = self._viewmodel.list_stands()
        measured = {} if state.figures is None else {stand.zone: stand for stand in state.figures.stands}
        self.model.show(
            [StandListRow(targets, colour, measured.get(str(targets.zone))) for targets, colour in stands]
        )
        if not self.currency.hasFocus():
            self.currency.setText(currency)
        for button, text, shown in (
            (self.undo, state.undo_text, tr("Undo")),
            (self.redo, state.redo_text, tr("Redo")),
        ):
            button.setText(shown)
            button.setToolTip(text)
            button.setAccessibleName(text or shown)
            button.setEnabled(bool(text))

    def paste(self) -> None:
        """Preview the clipboard's cells, from the current cell on where they name no stands."""
        column = self.table.currentIndex().column()
        self._paste_beside(self.list, _FIELDS[column] if 0 < column < len(_FIELDS) else StandField.RENT)

    def accept_pastes(self, shown: RecordList, field: StandField) -> None:
        """Let Ctrl+V in another table of stands fill a field from its current row on."""
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), shown.table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(lambda: self._paste_beside(shown, field))

    def _paste_beside(self, shown: RecordList, field: StandField) -> None:
        first = max(shown.table.currentIndex().row(), 0)
        order = [record.zone for record in shown.shown_records()[first:]]
        self._viewmodel.preview_paste(QGuiApplication.clipboard().text(), order=order, field=field)

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        self.model.edited.connect(viewmodel.set_value)
        self.list.record_chosen.connect(lambda row: viewmodel.select_zone(row.zone))
        self.list.export_requested.connect(self._ask_file)
        self.currency.editingFinished.connect(self._on_currency_edited)
        self.paste_button.clicked.connect(self.paste)
        self.import_button.clicked.connect(self._choose_file)
        self.undo.clicked.connect(viewmodel.undo)
        self.redo.clicked.connect(viewmodel.redo)
        viewmodel.import_previewed.connect(self._show_preview)
        keys = QKeySequence.StandardKey
        for key, act in (
            (keys.Paste, self.paste),
            (keys.Undo, viewmodel.undo),
            (keys.Redo, viewmodel.redo),
            (keys.Delete, self._clear_cell),
        ):
            shortcut = QShortcut(QKeySequence(key), self.table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)

    def _clear_cell(self) -> None:
        index = self.table.currentIndex()
        if 0 < index.column() < len(_FIELDS) and has_permission(Permission.EDIT_PLAN):
            zone = self.list.shown_records()[index.row()].zone
            self._viewmodel.set_value(zone, _FIELDS[index.column()], "")

    def _on_currency_edited(self) -> None:
        if self.currency.text() != self._viewmodel.list_stands()[1]:
            self._viewmodel.set_currency(self.currency.text())

    def _choose_file(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(
            self, tr("Import rents and targets"), "", tr("Tables (*.csv *.xlsx *.txt)")
        )
        if file:
            self._viewmodel.preview_file(Path(file))

    def _ask_file(self, titles: list[str], rows: list[list[str]]) -> None:
        file, _kind = QFileDialog.getSaveFileName(
            self, tr("Export the table"), tr("stands.csv"), tr("CSV table (*.csv)")
        )
        if file:
            path = Path(file)
            self._viewmodel.export_table(path if path.suffix else path.with_suffix(".csv"), titles, rows)

    def _show_preview(self, found: StandImport) -> None:
        dialog = StandImportDialog(found, self.window())
        dialog.accepted.connect(lambda: self._viewmodel.apply_import(found))
        dialog.finished.connect(self._forget_dialog)
        self._dialog = dialog
        open_dialog(dialog)

    def _forget_dialog(self) -> None:
        self._dialog = None
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)


class StandImportDialog(QDialog):
    """Preview of an import: what changes for each stand, and what is wrong with the other rows."""

    def __init__(self, found: StandImport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Import rents and targets"))
        changes = len(found.edit.stands)
        self.summary, note = QLabel(self), QLabel(self)
        style_labels("title", self.summary)
        style_labels("muted", note)
        self.summary.setText(_summarise(found))
        show_text(note, " ".join(_list_notes(found)))
        rows = sorted(found.rows, key=lambda row: row.problem is None)
        has_faults = bool(found.faults)
        titles = [tr("Row"), _name_field(StandField.STAND), *map(_name_field, found.fields)]
        titles += [tr("What is wrong"), tr("What to do")] if has_faults else []
        self.table = QTableWidget(len(rows), len(titles), self)
        self.table.setHorizontalHeaderLabels(titles)
        self.table.setAccessibleName(tr("Preview of the import"))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setWordWrap(True)
        self.table.verticalHeader().hide()
        for number, row in enumerate(rows):
            self._fill_row(number, row, found.fields, has_faults=has_faults)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.resizeRowsToContents()
        has_changes = bool(changes) or found.currency is not None
        self.buttons, self.apply = make_dialog_buttons(
            self, trn("Apply {n} change", "Apply {n} changes", changes) if changes else tr("Apply")
        )
        self.apply.setEnabled(has_changes)
        self.apply.setDefault(True)
        fill(
            make_column(self, spacing=current_theme().space_m),
            self.summary,
            note,
            (self.table, 1),
            self.buttons,
        )
        self.resize(*_PREVIEW_WH)
        if has_changes:
            self.apply.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill_row(
        self, number: int, row: StandImportRow, fields: Sequence[StandField], *, has_faults: bool
    ) -> None:
        texts = [str(row.number), display_name(row.name)]
        texts += [_describe_change(field, row.before, row.after) for field in fields]
        if has_faults:
            texts += ["" if part is None else translate_phrase(part) for part in (row.problem, row.remedy)]
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            if row.problem is not None:
                item.setForeground(QColor(current_theme().bad))
            elif row.before == row.after:
                item.setForeground(QColor(current_theme().text_muted))
            self.table.setItem(number, column, item)


def _summarise(found: StandImport) -> str:
    changes, faults = len(found.edit.stands), len(found.faults)
    summary = trn("{n} stand changes.", "{n} stands change.", changes) if changes else tr("No stand changes.")
    if faults:
        summary += " " + trn(
            "{n} row is wrong and is left out.", "{n} rows are wrong and are left out.", faults
        )
    return summary


def _list_notes(found: StandImport) -> list[str]:
    notes = []
    if found.currency is not None:
        notes.append(tr("Currency of all rents: {currency}.", currency=found.currency))
    if found.ignored:
        notes.append(tr("Columns not imported: {names}.", names=tr(", ").join(found.ignored)))
    if found.edit.stands:
        notes.append(tr("Empty cells leave a value as it is. You can undo the import."))
    return notes


def _describe_change(field: StandField, before: ZoneTargets | None, after: ZoneTargets | None) -> str:
    if before is None or after is None:
        return ""
    former, new = _show_value(field, before) or ABSENT, _show_value(field, after) or ABSENT
    return new if former == new else f"{former} → {new}"


def _make_number_column(field: StandField, meaning: str) -> TableColumn[StandListRow]:
    return TableColumn(
        _name_field(field),
        lambda row: _show_value(field, row.targets),
        lambda row: _read_number(field, row.targets),
        lambda row: export_number(_read_number(field, row.targets), 12),
        meaning=meaning,
    )


def _make_reached_column(
    title: str,
    read: Callable[[StandRow], float | None],
    read_target: Callable[[StandRow], float | None],
) -> TableColumn[StandListRow]:
    def divide(row: StandListRow) -> float | None:
        reached, target = (None if row.figures is None else get(row.figures) for get in (read, read_target))
        return reached / target if reached is not None and target else None

    return make_number_column(
        title,
        divide,
        format_share,
        digits=6,
        meaning=tr(
            "Share of the daily target that was reached in the open hours in which the stand was observed."
        ),
    )


def _name_field(field: StandField) -> str:
    return translate_phrase(FIELD_TITLES[field])


def _read_number(field: StandField, targets: ZoneTargets) -> float | None:
    return {
        StandField.RENT: targets.rent,
        StandField.VISITS: targets.visits_per_day,
        StandField.ENGAGED: targets.engaged_per_day,
        StandField.NEEDED: targets.needed_s,
    }.get(field)


def _show_value(field: StandField, targets: ZoneTargets) -> str:
    """Return a value as it is shown; empty for none."""
    if field is StandField.EXHIBITOR:
        return targets.exhibitor
    if field is StandField.SPONSOR:
        return tr("Yes") if targets.is_sponsor else ""
    value = _read_number(field, targets)
    return "" if value is None else format_number(value, decimals=0 if value == round(value) else 2)
