"""Folders of ExpoFlow's own files on this machine; a venue's files are in the venue's folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APPLICATION = "expoflow"
HOME_VARIABLE = "EXPOFLOW_HOME"
"""Environment variable for one folder for all files: portable installations, services, tests."""


def settings_folder() -> Path:
    """Return the folder of settings and, without a keyring, encrypted passwords; it need not exist yet."""
    return _in_home("settings") or platformdirs.user_config_path(APPLICATION, appauthor=False)


def data_folder() -> Path:
    """Return the folder of data that must not be lost; it need not exist yet."""
    return _in_home("data") or platformdirs.user_data_path(APPLICATION, appauthor=False)


def models_folder() -> Path:
    """Return the folder of network weights; it need not exist yet."""
    return _in_home("models") or data_folder() / "models"


def cache_folder() -> Path:
    """Return the folder of reproducible files, such as compiled networks; it need not exist yet."""
    return _in_home("cache") or platformdirs.user_cache_path(APPLICATION, appauthor=False)


def logs_folder() -> Path:
    """Return the folder of log files; it need not exist yet."""
    return _in_home("logs") or platformdirs.user_log_path(APPLICATION, appauthor=False)


def _in_home(name: str) -> Path | None:
    home = os.environ.get(HOME_VARIABLE, "").strip()
    return Path(home).expanduser() / name if home else None
