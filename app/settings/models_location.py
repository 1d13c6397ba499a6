"""Where the weights of the networks lie: where the person has chosen, or in ExpoFlow's own folder."""

from __future__ import annotations

from pathlib import Path

from app.settings import paths
from app.settings.file import read_settings


def models_folder() -> Path:
    """The folder in force. Need not exist yet."""
    return read_settings().settings.models_folder or paths.models_folder()
