"""``python -m app``: the one way into ExpoFlow."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analytics.store.sql_event_reader import SqlEventReader


def main() -> int:
    """Run the command that is given, or what a bundle's executable was started for."""
    # our matrices are small, for which more threads only wait for each other; child processes inherit it
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()
    if sys.argv[1:2] == ["--run-module"]:
        import runpy

        from vision.detection.child_task import is_child_of_bundle

        if is_child_of_bundle(sys.argv):
            runpy.run_module(sys.argv[2], run_name="__main__", alter_sys=True)
            return 0
    # answered without the libraries of the command line, which take several times as long to load
    if sys.argv[1:] in (["version"], ["version", "--json"]):
        from app.core.versions import print_versions

        print_versions(as_json="--json" in sys.argv)
        return 0
    from analytics.store.history_folder import open_on_server
    from app.cli import program
    from app.console.console import set_encodings
    from app.logging_setup import configure_logging, locate_log
    from app.settings.file import read_settings
    from app.settings.paths import logs_folder

    set_encodings()
    settings = read_settings().settings
    configure_logging(
        settings.log_level,
        json=settings.log_format == "json",
        file=locate_log(logs_folder(), sys.argv[1:]),
        console_level="WARNING",
    )
    open_on_server[:] = [_open_server_history]
    status = program.main()
    # spares the interpreter's last collection, half a second with all libraries loaded; the end frees it all
    gc.freeze()
    return status


def _open_server_history(folder: Path) -> SqlEventReader:
    # loads the driver of PostgreSQL, which nothing else does
    from app.site.hub_folder import open_server_history

    return open_server_history(folder)


if __name__ == "__main__":
    sys.exit(main())
