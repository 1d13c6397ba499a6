"""Files that widgets export from their menus, with the permission of the user."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from analytics.domain.errors import ExpoFlowError
from app.access.guard import export_file
from app.core.table_file import write_file
from app.error_reporting import describe_error


class _ExportedFiles(QObject):
    """Writes exported files for the open venue; the window reports the outcome."""

    written = Signal(str)
    """Path of the file."""
    failed = Signal(object)
    """``ErrorReport`` of a file that was not written."""

    def __init__(self) -> None:
        super().__init__()
        self.folder: Path | None = None

    def write(self, path: Path, content: bytes) -> None:
        """Write a file; with a venue open, the user needs the permission to export."""
        try:
            if self.folder is None:
                write_file(path, content)
            else:
                export_file(self.folder, path=path, content=content)
        except ExpoFlowError as error:
            self.failed.emit(describe_error(error))
        else:
            self.written.emit(str(path))


@cache
def exported_files() -> _ExportedFiles:
    return _ExportedFiles()
