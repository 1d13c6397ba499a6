"""Writing of the reports of all stands into a folder or ZIP file."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from analytics.domain.errors import OutputError
from app.error_reporting import convert_error
from app.print.report_files import write_report_file
from app.reports.exhibitor_packs import ExhibitorPack, write_index
from app.reports.report_template import ReportFormat
from resources.atomic_file import replace_file

INDEX_FILE = "index.csv"


def write_packs(out: Path, packs: Iterable[ExhibitorPack], chosen: ReportFormat) -> tuple[ExhibitorPack, ...]:
    """Write a file for each stand and ``index.csv``, all or none; return the packs.

    Args:
        out: a new or empty folder, or a file that ends in ``.zip``.

    Raises:
        OutputError: the folder is not empty or cannot be written; no file is left behind.
    """
    if out.suffix.lower() != ".zip" and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError("The folder {folder} is not empty.", "Choose a new or empty folder.", folder=out)
    written: list[ExhibitorPack] = []
    try:
        with tempfile.TemporaryDirectory(prefix=".packs-", dir=out.absolute().parent) as name:
            folder = Path(name)
            ending = ""
            for pack in packs:
                ending = write_report_file(folder / pack.file_stem, pack.content, chosen).suffix
                written.append(pack)
            (folder / INDEX_FILE).write_text(write_index(written, ending), encoding="utf-8-sig", newline="")
            _move_into_place(folder, out)
    except OSError as error:
        raise convert_error(OutputError, error, file=out) from error
    return tuple(written)


def _move_into_place(folder: Path, out: Path) -> None:
    files = sorted(folder.iterdir())
    if out.suffix.lower() == ".zip":
        with replace_file(out) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
        return
    out.mkdir(exist_ok=True)
    for file in files:
        shutil.move(file, out / file.name)
