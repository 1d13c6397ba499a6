"""Asks which data of the period other programs are to get, and in which form; says what was written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from analytics.reports.data_sets import DataSet, RowFormat, Step
from app.access.roles import Permission
from app.error_reporting import ErrorReport
from app.gui.session.cell_text import format_number, format_period
from app.gui.session.data_export import DataExportViewModel
from app.gui.session.permissions import needs
from app.gui.session.translation import display_name, tr
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.work_row import WorkRow
from app.reports.export_data import ExportedData

SMALLEST_WIDTH = 560


class DataExportDialog(QDialog):
    """Shows a `DataExportState`; nothing is written before a folder is chosen."""

    def __init__(self, viewmodel: DataExportViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.refresh()
        self.setWindowTitle(tr("Export data"))
        self.setMinimumWidth(SMALLEST_WIDTH)
        self.banner, self.work = NotificationBanner(self), WorkRow(self)
        self.banner.hide()
        self.data_sets = {one: QCheckBox(_name_data_set(one), self) for one in DataSet}
        self.data_sets[DataSet.VISITS].setChecked(True)
        self.consent = QCheckBox(
            tr("I may and want to export data in which single persons are told apart"), self
        )
        self.zone, self.step, self.row_format = (QComboBox(self) for _ in range(3))
        self.save, self.close_button = (
            QPushButton(tr("Choose a folder…"), self),
            QPushButton(tr("Close"), self),
        )
        self.save.setProperty("role", "primary")
        needs(self.save, Permission.EXPORT_REPORTS)
        self._fill()
        self._build()
        self._bind()
        self._check()

    @property
    def chosen(self) -> tuple[DataSet, ...]:
        """The data sets that are wanted."""
        return tuple(one for one, box in self.data_sets.items() if box.isChecked())

    def _fill(self) -> None:
        self.zone.addItem(tr("All zones, and the hall"), None)
        for name in self._viewmodel.state.zones:
            self.zone.addItem(display_name(name), name)
        for step, words in (
            (Step.FIVE_MINUTES, tr("5 minutes")),
            (Step.QUARTER, tr("15 minutes")),
            (Step.HOUR, tr("1 hour")),
            (Step.DAY, tr("1 day")),
        ):
            self.step.addItem(words, step)
        self.step.setCurrentIndex(self.step.findData(Step.HOUR))
        for row_format, words in (
            (RowFormat.CSV, tr("CSV, for spreadsheets")),
            (RowFormat.PARQUET, tr("Parquet, with types")),
            (RowFormat.JSON_LINES, tr("JSON lines")),
        ):
            self.row_format.addItem(words, row_format)

    def _build(self) -> None:
        state = self._viewmodel.state
        form = QFormLayout()
        period = QLabel(
            format_period(*state.period_s, time_zone=state.time_zone)
            if state.period_s is not None
            else tr("Open a venue first.")
        )
        form.addRow(tr("Period"), period)
        personal = [one for one in DataSet if one.is_personal]
        for group, label in (
            ([one for one in DataSet if not one.is_personal], tr("Sums")),
            (personal, tr("Single persons")),
        ):
            for number, one in enumerate(group):
                form.addRow(label if not number else "", self.data_sets[one])
        for one in personal:
            needs(self.data_sets[one], Permission.EXPORT_PERSONS)
        form.addRow("", self.consent)
        for label, field in (
            (tr("Step of sums"), self.step),
            (tr("Zone"), self.zone),
            (tr("Format"), self.row_format),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label)
        for box in (*self.data_sets.values(), self.consent):
            box.setAccessibleName(box.text())
        note = QLabel(
            tr(
                "Sums leave out counts of one to four visitors, and have no row for a time in which nobody "
                "looked. Times are given in UTC and by the venue's clock."
            ),
            self,
        )
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        below = QHBoxLayout()
        below.addWidget(self.work, 1)
        below.addWidget(self.save)
        below.addWidget(self.close_button)
        for button in (self.save, self.close_button):
            button.setAccessibleName(button.text())
        layout = QVBoxLayout(self)
        layout.addWidget(self.banner)
        layout.addLayout(form)
        layout.addWidget(note)
        layout.addLayout(below)

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._check)
        viewmodel.written.connect(self._tell)
        viewmodel.failed.connect(self._show_fault)
        self.work.stop_requested.connect(viewmodel.cancel)
        for box in (*self.data_sets.values(), self.consent):
            box.toggled.connect(self._check)
        self.save.clicked.connect(self._ask_for_folder)
        self.close_button.clicked.connect(self.reject)

    def _check(self) -> None:
        state, chosen = self._viewmodel.state, self.chosen
        is_personal = any(one.is_personal for one in chosen)
        self.consent.setVisible(is_personal)
        self.step.setEnabled(any(not one.is_personal for one in chosen))
        self.save.setEnabled(
            bool(chosen)
            and state.period_s is not None
            and not state.is_writing
            and (not is_personal or self.consent.isChecked())
        )
        self.work.show_work(
            tr("Exporting") if state.is_writing else "",
            done=state.progress,
            total=1.0 if state.progress else 0.0,
            can_stop=True,
        )

    def _ask_for_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, tr("Choose a folder for the files"))
        if path:
            self.banner.hide()
            zone = self.zone.currentData()
            self._viewmodel.write(
                Path(path),
                self.chosen,
                RowFormat(self.row_format.currentData()),
                Step(self.step.currentData()),
                () if zone is None else (zone,),
                may_be_personal=self.consent.isChecked(),
            )

    def _tell(self, exported: ExportedData) -> None:
        lines = [
            tr("{path}: {rows} rows", path=file.name, rows=format_number(rows))
            for file, rows in exported.rows.items()
        ]
        if exported.missing_s:
            lines.append(
                tr(
                    "Of {count} days not everything is kept any more; it is not in the files.",
                    count=len(exported.missing_s),
                )
            )
        folder = next(iter(exported.rows)).parent
        self.banner.show_message(
            tr("The data are in {folder}.", folder=folder), "\n".join(lines), tone="good"
        )
        self.adjustSize()

    def _show_fault(self, fault: ErrorReport) -> None:
        self.banner.show_message(lambda: fault.tell_again(tr).problem, lambda: fault.tell_again(tr).remedy)
        self.adjustSize()


def show_data_export(viewmodel: DataExportViewModel, parent: QWidget) -> DataExportDialog:
    """Open the dialog; it is freed when it is closed."""
    dialog = DataExportDialog(viewmodel, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


def _name_data_set(one: DataSet) -> str:
    return {
        DataSet.VISITS: tr("Visits: how many, and how long"),
        DataSet.OCCUPANCY: tr("People present: mean and peak"),
        DataSet.CROSSINGS: tr("Crossings of counting lines"),
        DataSet.EACH_VISIT: tr("Each visit"),
        DataSet.EACH_CROSSING: tr("Each crossing"),
        DataSet.TRACKS: tr("Tracks: everybody's way"),
    }[one]
