"""Where ExpoFlow keeps its own files on this machine; a venue's files lie in the venue's folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APPLICATION = "expoflow"
HOME_VARIABLE = "EXPOFLOW_HOME"
"""Set it to keep everything in one folder: for a portable installation, a service, a test."""


def settings_folder() -> Path:
    """Settings and, where there is no keyring, encrypted camera passwords. Need not exist yet."""
    return _in_home("settings") or platformdirs.user_config_path(APPLICATION, appauthor=False)


def data_folder() -> Path:
    """What ExpoFlow makes and must not lose. Need not exist yet."""
    return _in_home("data") or platformdirs.user_data_path(APPLICATION, appauthor=False)


def models_folder() -> Path:
    """Weights of the networks. Need not exist yet."""
    return _in_home("models") or data_folder() / "models"


def cache_folder() -> Path:
    """What can be made again, such as networks compiled for this processor. Need not exist yet."""
    return _in_home("cache") or platformdirs.user_cache_path(APPLICATION, appauthor=False)


def logs_folder() -> Path:
    """Log files. Need not exist yet."""
    return _in_home("logs") or platformdirs.user_log_path(APPLICATION, appauthor=False)


def _in_home(name: str) -> Path | None:
    home = os.environ.get(HOME_VARIABLE, "").strip()
    return Path(home).expanduser() / name if home else None
