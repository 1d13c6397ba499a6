"""Changes to the settings of this machine that need a look at the machine first."""

from __future__ import annotations

import tempfile
from pathlib import Path

from analytics.domain.errors import OutputError


def prepare_models_folder(folder: Path) -> Path:
    """Make a folder for weights if it is not there, and try whether it can be written.

    Raises:
        OutputError: it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"\0")
    except OSError as error:
        raise OutputError(
            "The folder {folder} cannot be written: {cause}.",
            "Choose another folder, or ask for the right to write this one. The former one stays in use.",
            folder=str(folder),
            cause=error.strerror or type(error).__name__,
        ) from error
    return folder.absolute()
