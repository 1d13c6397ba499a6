"""Child process that downloads official weights: ``python -m vision.detection.fetch_child``."""

from __future__ import annotations

import urllib.request
import zipfile
from http.client import HTTPException
from pathlib import Path

from analytics.domain.errors import ModelError
from vision.detection.child_task import ChildReporter

_MIN_BYTES = 100_000
"""Minimum size in bytes; anything smaller is not weights but, for example, a login page."""
_CHUNK_BYTES = 64 * 1024
_TIMEOUT_S = 30.0
_ONNX_BEGINS = b"\x08"
"""First field of an ONNX file, its version."""


def main() -> None:
    """Download as requested."""
    reporter = ChildReporter()
    reporter.run(lambda: _fetch(reporter))


def _fetch(reporter: ChildReporter) -> dict[str, object]:
    url, name = reporter.request["url"], reporter.request["file_name"]
    path = Path(reporter.request["work_folder"]) / name
    try:
        _download(url, path, reporter, approximate_bytes=int(reporter.request["approximate_bytes"] or 0))
    except PermissionError as error:
        raise _make_storage_error(path) from error
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, OSError) and error.filename == str(path):
            raise _make_storage_error(path) from error
        raise ModelError(
            "The weights {file} could not be downloaded from {host}.",
            "Check the internet connection, or download {url} on another machine and import it "
            "with: python -m app models import FILE",
            file=name,
            host=url.split("/")[2],
            url=url,
        ) from error
    if path.stat().st_size < _MIN_BYTES or not _is_weights(path):
        raise ModelError(
            "The data that {host} sent for {file} is not weights.",
            "The login page of your network may have replied; try again later, or import the "
            "file with: python -m app models import FILE",
            file=name,
            host=url.split("/")[2],
        )
    return {"file": str(path), "bytes": path.stat().st_size}


def _download(url: str, path: Path, reporter: ChildReporter, *, approximate_bytes: int) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "ExpoFlow"})  # noqa: S310 - of the catalogue
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer, path.open("wb") as file:  # noqa: S310
        total = int(answer.headers.get("Content-Length") or approximate_bytes)
        done = 0
        while chunk := answer.read(_CHUNK_BYTES):
            file.write(chunk)
            done += len(chunk)
            reporter.report("downloading", done, max(total, done))
        if done < int(answer.headers.get("Content-Length") or 0):
            raise ConnectionError("the connection ended early")


def _is_weights(path: Path) -> bool:
    if path.suffix != ".onnx":
        return zipfile.is_zipfile(path)
    with path.open("rb") as file:
        return file.read(1) == _ONNX_BEGINS


def _make_storage_error(path: Path) -> ModelError:
    return ModelError(
        "The weights {file} cannot be stored in {folder}.",
        "Free some space there, or check the write permission.",
        file=path.name,
        folder=str(path.parent.parent),
    )


if __name__ == "__main__":
    main()
