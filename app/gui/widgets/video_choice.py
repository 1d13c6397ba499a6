"""The choice of a video file in the system's dialog."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from app.gui.session.translation import tr


def ask_for_video(parent: QWidget, chosen: str) -> str:
    """Return the file that a person chooses, beside the one ``chosen`` so far; empty for none."""
    kinds = f"{tr('Videos')} (*.mp4 *.mkv *.avi *.mov *.ts *.webm);;{tr('All files')} (*)"
    return QFileDialog.getOpenFileName(parent, tr("Choose a video file"), find_videos(chosen), kinds)[0]


def find_videos(chosen: str) -> str:
    """Return the file chosen so far if it exists, else the person's folder of videos."""
    if chosen and Path(chosen).exists():
        return chosen
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
    return folder if Path(folder).is_dir() else str(Path.home())
