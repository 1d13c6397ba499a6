"""What this program is, which versions it runs on, and under which licences."""

from __future__ import annotations

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app.gui.translation import tr
from app.operations.versions import collect_versions
from resources.files import resource_path

LICENCES = (
    ("ExpoFlow", "AGPL-3.0-or-later"),
    ("Qt, PySide6", "LGPL-3.0"),
    ("pyqtgraph", "MIT"),
    ("numpy, pandas, scipy, shapely", "BSD-3-Clause"),
    ("PyAV", "BSD-3-Clause"),
    ("FFmpeg", "LGPL-2.1-or-later, GPL-2.0-or-later"),
    ("OpenCV, OpenVINO, pyarrow", "Apache-2.0"),
    ("SQLAlchemy, DuckDB, pydantic, rich, typer", "MIT"),
    ("defusedxml, matplotlib", "PSF"),
    ("ezdxf, resvg-py", "MIT"),
    ("pillow", "MIT-CMU"),
    ("pypdfium2", "BSD-3-Clause or Apache-2.0"),
    ("ultralytics", "AGPL-3.0"),
    ("Noto Sans CJK SC → ExpoFlow Sans SC", "OFL-1.1"),
)


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
        lines = [tr("Licences"), *(f"  {name}: {licence}" for name, licence in LICENCES), ""]
        lines += [tr("Versions"), *(f"  {name}: {version}" for name, version in versions.items()), ""]
        lines.append(resource_path("fonts", "OFL.txt").read_text(encoding="utf-8"))
        details.setPlainText("\n".join(lines))
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
