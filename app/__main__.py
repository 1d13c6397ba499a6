"""``python -m app``: the one way into ExpoFlow."""

from __future__ import annotations

import multiprocessing
import runpy
import sys

from app.cli.program import main
from app.logging_setup import configure_logging, locate_log
from app.settings.file import read_settings
from app.settings.paths import logs_folder
from vision.detection.child_task import is_child_of_bundle

if __name__ == "__main__":
    multiprocessing.freeze_support()
    if is_child_of_bundle(sys.argv):
        runpy.run_module(sys.argv[2], run_name="__main__", alter_sys=True)
        sys.exit(0)
    settings = read_settings().settings
    configure_logging(
        settings.log_level,
        json=settings.log_format == "json",
        file=locate_log(logs_folder(), sys.argv[1:]),
        console_level="WARNING",
    )
    sys.exit(main())
