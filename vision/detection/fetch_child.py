"""Child process that downloads official weights: ``python -m vision.detection.fetch_child``."""

from __future__ import annotations

import threading
import zipfile
from pathlib import Path

from analytics.domain.errors import ModelError
from vision.detection.child_task import ChildReporter
from vision.detection.ultralytics_runtime import import_ultralytics

_MIN_BYTES = 100_000
"""Minimum size in bytes; anything smaller is not weights but, for example, a login page."""


def main() -> None:
    """Download as requested."""
    reporter = ChildReporter()
    reporter.run(lambda: _fetch(reporter))


def _fetch(reporter: ChildReporter) -> dict[str, object]:
    url, name = reporter.request["url"], reporter.request["file_name"]
    folder = Path(reporter.request["work_folder"])
    total = int(reporter.request["approximate_bytes"] or 0)
    reporter.report("loading Ultralytics")
    import_ultralytics()
    from ultralytics.utils.downloads import safe_download

    finished = threading.Event()

    def watch() -> None:
        while not finished.wait(0.1):
            done = sum(file.stat().st_size for file in folder.iterdir())
            reporter.report("downloading", done, max(total, done))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        path = Path(
            safe_download(url=url, file=name, dir=folder, unzip=False, progress=False, min_bytes=_MIN_BYTES)
        )
    except (MemoryError, PermissionError) as error:
        raise ModelError(
            "The weights {file} cannot be stored in {folder}.",
            "Free some space there, or check the write permission.",
            file=name,
            folder=str(folder.parent),
        ) from error
    except Exception as error:
        # requests and urllib3 have many exceptions, and Ultralytics raises its own as well
        raise ModelError(
            "The weights {file} could not be downloaded from {host}.",
            "Check the internet connection, or download {url} on another machine and import it "
            "with: python -m app models import FILE",
            file=name,
            host=url.split("/")[2],
            url=url,
        ) from error
    finally:
        finished.set()
        watcher.join()
    if path.suffix == ".pt" and not zipfile.is_zipfile(path):
        raise ModelError(
            "The data that {host} sent for {file} is not weights.",
            "The login page of your network may have replied; try again later, or import the "
            "file with: python -m app models import FILE",
            file=name,
            host=url.split("/")[2],
        )
    return {"file": str(path), "bytes": path.stat().st_size}


if __name__ == "__main__":
    main()
