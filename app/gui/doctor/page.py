"""Show the page Doctor: checks, the health of the recording, and a support bundle of both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, qVersion
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.versions import collect_versions
from app.doctor.licences import WITHIN, PackageLicence, read_licences, sort_licences
from app.error_reporting import describe_error
from app.gui.doctor.checks_panel import DoctorView
from app.gui.doctor.health import HealthView
from app.gui.doctor.model import DoctorViewModel
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.session.whole_venue import WholeVenueViewModel
from app.gui.widgets.layouts import fill, make_column, make_label, make_row, open_dialog
from app.gui.widgets.page_tabs import PageTabs
from app.gui.widgets.text_table import TextTable
from resources.files import resource_path


class AboutDialog(QDialog):
    """A modeless dialog about the program, created anew each time in the current language."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About ExpoFlow"))
        versions = collect_versions() | {"Qt": qVersion()}
        title = make_label(text=f"ExpoFlow {versions.pop('expoflow')}", role="title", parent=self)
        text = QLabel(
            tr(
                "Counts visitors with your cameras and shows, in metres, where they go and how long they "
                "stay."
            ),
            self,
        )
        text.setWordWrap(True)
        details = QPlainTextEdit(self)
        details.setReadOnly(True)
        details.setTabChangesFocus(True)
        details.setAccessibleName(tr("Versions and licences"))
        self._details = details
        self._versions = versions
        self._packages: list[PackageLicence] = []
        self._reading = read_licences()
        self._fill(tr("Reading the licences of the packages…"))
        # one package per turn of the event loop; all at once would block the window for a tenth of a second
        self._turns = QTimer(self)
        self._turns.timeout.connect(self._read_next)
        self._turns.start(0)
        buttons = QDialogButtonBox(self)
        close = buttons.addButton(tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.setAccessibleName(tr("Close"))
        buttons.rejected.connect(self.reject)
        column = make_column(self, spacing=12)
        for widget in (title, text, details, buttons):
            column.addWidget(widget)
        self.resize(620, 520)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def _read_next(self) -> None:
        package = next(self._reading, None)
        if package is not None:
            self._packages.append(package)
            return
        self._turns.stop()
        unknown = tr("not stated")
        lines = [
            f"  {each.name} {each.version}: {each.licence or unknown}"
            for each in sort_licences(self._packages)
        ]
        self._fill("\n".join((*lines, *(f"  {name}: {licence}" for name, licence in WITHIN))))

    def _fill(self, licences: str) -> None:
        versions = (f"  {name}: {version}" for name, version in self._versions.items())
        fonts = resource_path("fonts", "OFL.txt").read_text(encoding="utf-8")
        self._details.setPlainText(
            "\n".join((tr("Versions"), *versions, "", tr("Licences"), licences, "", fonts))
        )


_NAME = "expoflow-support.zip"
_SIZE_WH = (680, 420)


class SupportBundleDialog(QDialog):
    """A dialog that lists the parts of a support bundle; ``file_chosen`` gives its path."""

    file_chosen = Signal(str)

    def __init__(self, parts: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Support bundle"))
        self.resize(*_SIZE_WH)
        intro = QLabel(
            tr(
                "A file for technical support. It contains names of cameras and zones, but no pictures, "
                "tracks or passwords. Nothing is sent automatically."
            )
        )
        intro.setWordWrap(True)
        self.table = TextTable(2, stretched=1, is_selectable=False)
        self.table.setHorizontalHeaderLabels([tr("File"), tr("Contents")])
        self.table.setAccessibleName(tr("Contents"))
        self.table.show_rows(parts)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save = buttons.addButton(tr("Save support bundle"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.save.setProperty("role", "primary")
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("Cancel"))
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        fill(QVBoxLayout(self), intro, (self.table, 1), buttons)

    def _on_accepted(self) -> None:
        file, _kind = QFileDialog.getSaveFileName(self, tr("Save support bundle"), _NAME, "*.zip")
        if file:
            self.file_chosen.emit(str(Path(file)))
            self.accept()


class DoctorPage(Translated, QWidget):
    """A page with two tabs."""

    def __init__(
        self,
        doctor: DoctorView,
        health: HealthView,
        *,
        findings: DoctorViewModel,
        whole_venue: WholeVenueViewModel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        theme = current_theme()
        self._findings, self._whole_venue = findings, whole_venue
        self.tabs = PageTabs(2)
        self.bundle = QPushButton()
        self.bundle.clicked.connect(self._on_bundle_clicked)
        head = fill(
            make_row(margins=(theme.space_l, theme.space_m, theme.space_l, 0)), self.tabs, 1, self.bundle
        )
        self._parts = QStackedWidget()
        for part in (doctor, health):
            self._parts.addWidget(part)
        self.tabs.tab_chosen.connect(self._parts.setCurrentIndex)
        fill(make_column(self, margins=0, spacing=0), head, (self._parts, 1))
        self.retranslate()

    def show_doctor(self) -> None:
        self.tabs.choose_tab(0)

    def retranslate(self) -> None:
        self.tabs.name_tabs((tr("Checks"), tr("Health")))
        self.bundle.setText(tr("Support bundle"))
        name = tr("Create a file for technical support; its contents are listed first")
        self.bundle.setAccessibleName(name)
        self.bundle.setToolTip(name)

    def _on_bundle_clicked(self) -> None:
        report = self._findings.write_report()
        try:
            parts = self._whole_venue.list_bundle(report)
        except Exception as error:  # such as a venue with users without a sign-in
            self._whole_venue.failed.emit(describe_error(error, translate=tr))
            return
        dialog = SupportBundleDialog(parts, self)
        dialog.file_chosen.connect(lambda file: self._whole_venue.save_bundle(Path(file), report))
        open_dialog(dialog)
