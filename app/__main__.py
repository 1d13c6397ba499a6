"""``python -m app``: the one way into ExpoFlow."""

from __future__ import annotations

import multiprocessing
import sys

from app.cli.program import main
from app.logging_setup import configure_logging
from app.settings.file import read_settings
from app.settings.paths import logs_folder

if __name__ == "__main__":
    multiprocessing.freeze_support()
    configure_logging(
        read_settings().settings.log_level, file=logs_folder() / "expoflow.log", console_level="WARNING"
    )
    sys.exit(main())
