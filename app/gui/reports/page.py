"""Reports page: options on the left, the pages as printed on the right."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QHideEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from analytics.results.data_sets import DataSet, RowFormat, Step
from app.access.roles import Permission
from app.error_reporting import ErrorReport
from app.gui.reports.model import ReportsState, ReportsViewModel, list_sections
from app.gui.reports.schedules import SchedulesViewModel
from app.gui.reports.schedules_dialog import SchedulesDialog, name_format
from app.gui.session.cell_text import format_number, format_period
from app.gui.session.data_export import DataExportViewModel
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import LANGUAGE_NAMES, Translated, display_name, tr
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.layouts import explain_disabled, fill, make_column, make_row, open_dialog
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.work_row import JobRow
from app.reports.export_data import ExportedData
from app.reports.report_template import ARCHIVED, SECTION_TITLES, TITLES, ReportFormat, SectionKey, Template

MIN_WIDTH = 560


class DataExportDialog(QDialog):
    """A dialog for a `DataExportState`; nothing is written before a folder is chosen."""

    def __init__(self, viewmodel: DataExportViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.refresh()
        self.setWindowTitle(tr("Export data"))
        self.setMinimumWidth(MIN_WIDTH)
        self.banner, self.work = NotificationBanner(self), JobRow(self)
        self.banner.hide()
        self.data_sets = {data_set: QCheckBox(_name_data_set(data_set), self) for data_set in DataSet}
        self.data_sets[DataSet.VISITS].setChecked(True)
        self.consent = QCheckBox(
            tr("I am authorised to export data about individuals and wish to do so"), self
        )
        self.zone, self.step, self.row_format = (QComboBox(self) for _ in range(3))
        self.save, self.close_button = (
            QPushButton(tr("Choose a folder…"), self),
            QPushButton(tr("Close"), self),
        )
        self.save.setProperty("role", "primary")
        require_permission(self.save, Permission.EXPORT_REPORTS)
        self._fill()
        self._build()
        self._bind()
        self._check()

    @property
    def chosen(self) -> tuple[DataSet, ...]:
        return tuple(data_set for data_set, box in self.data_sets.items() if box.isChecked())

    def _fill(self) -> None:
        self.zone.addItem(tr("All zones and the hall"), None)
        for name in self._viewmodel.state.zones:
            self.zone.addItem(display_name(name), name)
        for step, title in (
            (Step.FIVE_MINUTES, tr("5 minutes")),
            (Step.QUARTER, tr("15 minutes")),
            (Step.HOUR, tr("1 hour")),
            (Step.DAY, tr("1 day")),
        ):
            self.step.addItem(title, step)
        self.step.setCurrentIndex(self.step.findData(Step.HOUR))
        for row_format, title in (
            (RowFormat.CSV, tr("CSV, for spreadsheets")),
            (RowFormat.PARQUET, tr("Parquet, with types")),
            (RowFormat.JSON_LINES, tr("JSON lines")),
        ):
            self.row_format.addItem(title, row_format)

    def _build(self) -> None:
        state = self._viewmodel.state
        form = QFormLayout()
        period = QLabel(
            format_period(*state.period_s, time_zone=state.time_zone)
            if state.period_s is not None
            else tr("Open a venue first.")
        )
        form.addRow(tr("Period"), period)
        personal = [data_set for data_set in DataSet if data_set.is_personal]
        for group, label in (
            ([data_set for data_set in DataSet if not data_set.is_personal], tr("Sums")),
            (personal, tr("Individuals")),
        ):
            for number, data_set in enumerate(group):
                form.addRow(label if not number else "", self.data_sets[data_set])
        for data_set in personal:
            require_permission(self.data_sets[data_set], Permission.EXPORT_PERSONS)
        form.addRow("", self.consent)
        for label, field in (
            (tr("Step length"), self.step),
            (tr("Zone"), self.zone),
            (tr("Format"), self.row_format),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label)
        for box in (*self.data_sets.values(), self.consent):
            box.setAccessibleName(box.text())
        note = QLabel(
            tr(
                "Sums leave out counts of one to four visitors and have no rows for unobserved times. "
                "Times are given in UTC and in venue time."
            ),
            self,
        )
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        bottom_row = fill(QHBoxLayout(), (self.work, 1), self.save, self.close_button)
        for button in (self.save, self.close_button):
            button.setAccessibleName(button.text())
        fill(QVBoxLayout(self), self.banner, form, note, bottom_row)

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._check)
        viewmodel.written.connect(self._show_result)
        viewmodel.failed.connect(self._show_fault)
        self.work.stop_requested.connect(viewmodel.cancel)
        for box in (*self.data_sets.values(), self.consent):
            box.toggled.connect(self._check)
        self.save.clicked.connect(self._choose_folder)
        self.close_button.clicked.connect(self.reject)

    def _check(self) -> None:
        state, chosen = self._viewmodel.state, self.chosen
        is_personal = any(data_set.is_personal for data_set in chosen)
        self.consent.setVisible(is_personal)
        self.step.setEnabled(any(not data_set.is_personal for data_set in chosen))
        explain_disabled(
            self.save,
            tr("Open a venue first.")
            if state.period_s is None
            else tr("Select at least one.")
            if not chosen
            else tr("Confirm first that you are authorised.")
            if is_personal and not self.consent.isChecked()
            else tr("Please wait")
            if state.is_writing
            else "",
        )
        self.work.show_job(
            tr("Exporting") if state.is_writing else "",
            done=state.progress,
            total=1.0 if state.progress else 0.0,
            can_stop=True,
        )

    def _choose_folder(self) -> None:
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

    def _show_result(self, exported: ExportedData) -> None:
        lines = [
            tr("{path}: {rows} rows", path=file.name, rows=format_number(rows))
            for file, rows in exported.rows.items()
        ]
        if exported.missing_s:
            lines.append(
                tr(
                    "Some data of {count} days have been deleted and are missing from the files.",
                    count=len(exported.missing_s),
                )
            )
        folder = next(iter(exported.rows)).parent
        self.banner.show_message(
            tr("The data was exported to {folder}.", folder=folder), "\n".join(lines), tone="good"
        )
        self.adjustSize()

    def _show_fault(self, fault: ErrorReport) -> None:
        self.banner.show_message(lambda: fault.render(tr).problem, lambda: fault.render(tr).remedy)
        self.adjustSize()


def open_data_export_dialog(viewmodel: DataExportViewModel, parent: QWidget) -> DataExportDialog:
    """Open the dialog; it is deleted when closed."""
    dialog = DataExportDialog(viewmodel, parent)
    open_dialog(dialog)
    return dialog


def _name_data_set(data_set: DataSet) -> str:
    return {
        DataSet.VISITS: tr("Visits and dwell times"),
        DataSet.OCCUPANCY: tr("Occupancy: mean and peak"),
        DataSet.CROSSINGS: tr("Counting line crossings"),
        DataSet.EACH_VISIT: tr("Each visit"),
        DataSet.EACH_CROSSING: tr("Each crossing"),
        DataSet.TRACKS: tr("Tracks: every visitor's path"),
    }[data_set]


FORM_PX = 320
PAGE_SHARE = 0.94
MIN_PAGE_PX, MAX_PAGE_PX = 360, 900


class ReportsView(Translated, QWidget):
    """The view of a `ReportsState`; every choice goes to the view-model."""

    def __init__(
        self,
        viewmodel: ReportsViewModel,
        parent: QWidget | None = None,
        *,
        schedules: SchedulesViewModel,
        data_export: DataExportViewModel,
    ) -> None:
        super().__init__(parent)
        self._viewmodel, self._schedules, self._data_export = viewmodel, schedules, data_export
        schedules.setParent(self)
        data_export.setParent(self)
        viewmodel.setParent(self)
        self._shown_pages: tuple[object, ...] = ()
        self._shown_fault: ErrorReport | None = None
        self._opened = ""
        self.banner, self.work = NotificationBanner(self), JobRow(self)
        self.banner.float_over(self)
        policy = self.work.sizePolicy()
        policy.setRetainSizeWhenHidden(False)
        self.work.setSizePolicy(policy)
        self.template, self.language, self.file_format, self.stand = (QComboBox() for _ in range(4))
        for template in Template:
            self.template.addItem("", template)
        for code, name in LANGUAGE_NAMES.items():
            self.language.addItem(name, code)
        for chosen in ReportFormat:
            if chosen not in ARCHIVED:
                self.file_format.addItem("", chosen)
        self.organiser = QLineEdit()
        self.logo, self.no_logo, self.colour = QPushButton(), QPushButton(), QPushButton()
        self.save, self.packs = QPushButton(), QPushButton()
        self.schedules, self.data = QPushButton(), QPushButton()
        require_permission(self.data, Permission.EXPORT_REPORTS)
        require_permission(self.save, Permission.EXPORT_REPORTS)
        require_permission(self.packs, Permission.EXPORT_REPORTS)
        require_permission(self.schedules, Permission.SCHEDULE)
        self.save.setProperty("role", "primary")
        self.sections = {key: QCheckBox() for key in SectionKey}
        self._labels = {
            field: QLabel()
            for field in (self.template, self.stand, self.language, self.organiser, self.file_format)
        }
        self._logo_label, self._section_label = QLabel(), QLabel()
        self._page_column = QVBoxLayout()
        self._page_labels: list[QLabel] = []
        self._scroll = QScrollArea(self)
        self._empty = EmptyPage("reports", self)
        self.preview, self._pages = QStackedWidget(self), QStackedWidget(self)
        self._no_venue = EmptyPage("reports", self)
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        self._viewmodel.follow_language()
        for field, label in (
            (self.template, tr("Kind of report")),
            (self.stand, tr("Stand")),
            (self.language, tr("Language of the report")),
            (self.organiser, tr("Organiser")),
            (self.file_format, tr("Format")),
        ):
            self._labels[field].setText(label)
            field.setAccessibleName(label)
        for template in Template:
            self.template.setItemText(self.template.findData(template), tr(TITLES[template].template))
        for row in range(self.file_format.count()):
            self.file_format.setItemText(row, name_format(ReportFormat(self.file_format.itemData(row))))
        for key, box in self.sections.items():
            box.setText(tr(SECTION_TITLES[key].template))
        self._section_label.setText(tr("Sections"))
        self._logo_label.setText(tr("Logo and colour"))
        self.no_logo.setText(tr("No logo"))
        self.colour.setText(tr("Colour…"))
        self.save.setText(tr("Save…"))
        self.packs.setText(tr("Reports of all stands…"))
        self.packs.setToolTip(tr("One report per stand, with the other stands anonymised, and an index"))
        self.schedules.setText(tr("Scheduled reports…"))
        self.schedules.setToolTip(tr("Create and send reports automatically"))
        self.data.setText(tr("Export data…"))
        self.data.setToolTip(tr("Export visits, occupancy and crossings as files for other programs"))
        buttons = (
            self.no_logo,
            self.colour,
            self.save,
            self.packs,
            self.schedules,
            self.data,
        )
        for button in buttons:
            button.setAccessibleName(button.text())
        self._scroll.setAccessibleName(tr("Pages of the report"))
        self._render()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._viewmodel.set_page_visible(True)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._show_pages(self._viewmodel.state)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self.banner.hide()
        self._viewmodel.set_page_visible(False)

    def _build(self) -> None:
        theme = current_theme()
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        for field in (self.template, self.stand, self.language, self.organiser):
            form.addRow(self._labels[field], field)
        brand = QHBoxLayout()
        for button in (self.logo, self.no_logo, self.colour):
            brand.addWidget(button)
        form.addRow(self._logo_label, brand)
        form.addRow(self._labels[self.file_format], self.file_format)
        column = fill(make_column(spacing=theme.space_s), form, self._section_label)
        for box in self.sections.values():
            column.addWidget(box)
        column.addStretch(1)
        fields = QWidget()
        fields.setLayout(column)
        scrolled = QWidget()
        scroll_content(scrolled, fields)
        card = QFrame(self)
        card.setProperty("role", "card")
        card.setFixedWidth(FORM_PX)
        card_column = QVBoxLayout(card)
        card_column.addWidget(scrolled, 1)
        for button in (self.schedules, self.data, self.packs, self.save):
            card_column.addWidget(button)
        content = QWidget()
        content.setLayout(self._page_column)
        self._page_column.setSpacing(theme.space_m)
        self._scroll.setWidget(content)
        self._scroll.setProperty("role", "pages")
        self._scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.preview.addWidget(self._scroll)
        self.preview.addWidget(self._empty)
        self._empty.add_button(self._viewmodel.make_preview)
        right = fill(QVBoxLayout(), (self.preview, 1), self.work)
        page = QWidget()
        fill(make_row(page, margins=0, spacing=theme.space_m), card, (right, 1))
        self._pages.addWidget(page)
        self._pages.addWidget(self._no_venue)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        outer.addWidget(self._pages, 1)

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._render)
        viewmodel.written.connect(self._on_written)
        viewmodel.failed.connect(self._show_fault)
        self.template.activated.connect(
            lambda: viewmodel.choose_template(Template(self.template.currentData()))
        )
        self.stand.activated.connect(lambda: viewmodel.choose_stand(self.stand.currentData()))
        self.language.activated.connect(lambda: viewmodel.choose_language(self.language.currentData()))
        self.file_format.activated.connect(
            lambda: viewmodel.choose_format(ReportFormat(self.file_format.currentData()))
        )
        self.organiser.editingFinished.connect(self._on_organiser_edited)
        self.logo.clicked.connect(self._choose_logo)
        self.no_logo.clicked.connect(lambda: viewmodel.choose_logo(None))
        self.colour.clicked.connect(self._choose_colour)
        self.save.clicked.connect(self._choose_file)
        self.packs.clicked.connect(self._choose_folder)
        self.schedules.clicked.connect(self._show_schedules)
        self.data.clicked.connect(lambda: open_data_export_dialog(self._data_export, self.window()))
        self.banner.action_chosen.connect(self._open_written)
        self.work.stop_requested.connect(viewmodel.cancel)
        for key, box in self.sections.items():
            box.clicked.connect(lambda is_on, key=key: viewmodel.switch_section(key, is_on))

    def _render(self) -> None:
        state = self._viewmodel.state
        self._no_venue.show_texts(tr("No venue is open"), tr("Open a venue to create a report."))
        self._pages.setCurrentIndex(0 if state.has_venue else 1)
        self._render_form(state)
        is_busy = state.is_computing or state.is_writing
        title = tr("Saving") if state.is_writing else tr("Creating the report") if is_busy else ""
        self.work.show_job(title, done=state.progress, total=1.0 if state.progress else 0.0, can_stop=True)
        if state.fault is not self._shown_fault:
            self._shown_fault = state.fault
            if state.fault is None:
                self.banner.hide()
        self._show_emptiness(state)
        if state.pages is not self._shown_pages:
            self._shown_pages = state.pages
            self._show_pages(state)

    def _render_form(self, state: ReportsState) -> None:
        self.template.setCurrentIndex(self.template.findData(state.template))
        self.language.setCurrentIndex(self.language.findData(state.language))
        self.file_format.setCurrentIndex(self.file_format.findData(state.file_format))
        if [self.stand.itemData(row) for row in range(self.stand.count())] != list(state.stands):
            self.stand.clear()
            for name in state.stands:
                self.stand.addItem(display_name(name), name)
        self.stand.setCurrentIndex(self.stand.findData(state.stand))
        is_stand = state.template is Template.STAND
        for widget in (self.stand, self._labels[self.stand]):
            widget.setVisible(is_stand)
        if not self.organiser.hasFocus():
            self.organiser.setText(state.organiser)
        self.logo.setText(tr("Logo…") if state.logo is None else state.logo.name)
        self.logo.setAccessibleName(tr("Choose a logo"))
        self.no_logo.setVisible(state.logo is not None)
        self.colour.setStyleSheet(f"QPushButton {{ border-left: 14px solid {state.colour}; }}")
        choices = list_sections(state.sections)
        for key, box in self.sections.items():
            box.setVisible(key in choices and (state.is_in_site or key is not SectionKey.HALLS))
            box.setChecked(key in state.chosen_sections)
        can_write = bool(state.pages) and state.is_current and not state.is_writing
        self.save.setEnabled(can_write)
        self.packs.setEnabled(bool(state.stands) and not state.is_writing and state.fault is None)

    def _show_emptiness(self, state: ReportsState) -> None:
        title = text = retry = ""
        if not state.pages:
            title, text = tr("Please wait"), tr("Creating the report…")
            if state.fault is not None:
                report = state.fault.render(tr)
                title, text, retry = report.problem, report.remedy, tr("Try again")
        self._empty.show_texts(title, text, retry)
        self.preview.setCurrentIndex(1 if title else 0)

    def _show_pages(self, state: ReportsState) -> None:
        while len(self._page_labels) < len(state.pages):
            label = QLabel()
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._page_labels.append(label)
            self._page_column.addWidget(label)
        width = self._find_page_width()
        for number, label in enumerate(self._page_labels):
            label.setVisible(number < len(state.pages))
            if number < len(state.pages):
                picture = QPixmap.fromImage(state.pages[number].to_image())
                picture.setDevicePixelRatio(picture.width() / width)
                label.setPixmap(picture)
                label.setAccessibleName(tr("Page {page} of {pages}", page=number + 1, pages=len(state.pages)))

    def _find_page_width(self) -> int:
        room = round(PAGE_SHARE * self._scroll.viewport().width())
        return min(MAX_PAGE_PX, max(MIN_PAGE_PX, room))

    def _on_organiser_edited(self) -> None:
        if self.organiser.text().strip() != self._viewmodel.state.organiser:
            self._viewmodel.set_organiser(self.organiser.text())

    def _choose_logo(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, tr("Choose a logo"), "", tr("Images (*.png *.jpg *.jpeg *.svg)")
        )
        if path:
            self._viewmodel.choose_logo(Path(path))

    def _choose_colour(self) -> None:
        chosen = QColorDialog.getColor(self._viewmodel.state.colour, self, tr("Colour of the report"))
        if chosen.isValid():
            self._viewmodel.choose_colour(chosen.name())

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, tr("Save the report"), self._viewmodel.propose_name())
        if path:
            self._viewmodel.write(Path(path))

    def _choose_folder(self) -> None:
        chosen = self.file_format.currentText()
        # Qt's dialog for a folder refuses one that does not exist yet
        path, _ = QFileDialog.getSaveFileName(
            self,
            tr("Name a new folder"),
            self._viewmodel.propose_folder(),
            tr("Folder with a report per stand ({format})", format=chosen),
        )
        if path:
            self._viewmodel.write_packs(Path(path))

    def _show_schedules(self) -> None:
        dialog = SchedulesDialog(self._schedules, self.window())
        open_dialog(dialog)

    def _on_written(self, path: str) -> None:
        self._opened = path
        self.banner.show_message(
            lambda: tr("The report was saved to {path}.", path=path),
            tone="good",
            action=lambda: tr("Open"),
        )

    def _open_written(self) -> None:
        self.banner.hide()
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._opened))

    def _show_fault(self, fault: ErrorReport) -> None:
        self.banner.show_message(lambda: fault.render(tr).problem, lambda: fault.render(tr).remedy)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(1100, 700)
