"""What this program is, which versions it runs on, and under which licences."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, qVersion
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app.core.versions import collect_versions
from app.doctor.licences import WITHIN, PackageLicence, read_licences, sort_licences
from app.gui.session.translation import tr
from resources.files import resource_path


class AboutDialog(QDialog):
    """Not modal; made anew each time, so that it follows no language change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About ExpoFlow"))
        versions = collect_versions() | {"Qt": qVersion()}
        title = QLabel(f"ExpoFlow {versions.pop('expoflow')}", self)
        title.setProperty("role", "title")
        text = QLabel(
            tr("Counts visitors at your cameras, and shows in metres where they go and how long they stay."),
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
        # a package a turn of the event loop: all at once would hold the window for a tenth of a second
        self._turns = QTimer(self)
        self._turns.timeout.connect(self._read_next)
        self._turns.start(0)
        buttons = QDialogButtonBox(self)
        close = buttons.addButton(tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.setAccessibleName(tr("Close"))
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(12)
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
