"""The page of the doctor: what is wrong, and the health of the recording; a bundle for support of both."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.error_reporting import describe_error
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.doctor import DoctorViewModel
from app.gui.viewmodels.whole_venue import WholeVenueViewModel
from app.gui.views.doctor import DoctorView
from app.gui.views.health import HealthView
from app.gui.views.support_bundle_dialog import SupportBundleDialog
from app.gui.widgets.page_tabs import PageTabs


class DoctorPage(QWidget):
    """Two parts, one of them at a time."""

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
        head = QHBoxLayout()
        head.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, 0)
        head.addWidget(self.tabs)
        head.addStretch(1)
        head.addWidget(self.bundle)
        self._parts = QStackedWidget()
        for part in (doctor, health):
            self._parts.addWidget(part)
        self.tabs.tab_chosen.connect(self._parts.setCurrentIndex)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._parts, 1)
        self.retranslate()

    def show_doctor(self) -> None:
        """Show what is wrong."""
        self.tabs.choose_tab(0)

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self.tabs.name_tabs((tr("What is wrong"), tr("Health")))
        self.bundle.setText(tr("Support bundle"))
        name = tr("Make a file for whoever helps; it is listed first")
        self.bundle.setAccessibleName(name)
        self.bundle.setToolTip(name)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def _on_bundle_clicked(self) -> None:
        report = self._findings.write_report()
        try:
            parts = self._whole_venue.list_bundle(report)
        except Exception as error:  # a venue with users, and nobody has signed in: told like any failure
            self._whole_venue.failed.emit(describe_error(error, translate=tr))
            return
        dialog = SupportBundleDialog(parts, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.file_chosen.connect(lambda file: self._whole_venue.save_bundle(Path(file), report))
        dialog.open()
