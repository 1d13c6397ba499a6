"""Writes the reports of all stands into a folder or one ZIP file, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from analytics.domain.errors import OutputError
from app.error_reporting import explain_error
from app.print.report_files import write_report_file
from app.reports.exhibitor_packs import ExhibitorPack, write_index
from app.reports.report_template import ReportFormat
from resources.atomic_file import replace_file

INDEX_FILE = "index.csv"


def write_packs(out: Path, packs: Iterable[ExhibitorPack], chosen: ReportFormat) -> tuple[ExhibitorPack, ...]:
    """Write a file for each stand and ``index.csv``; gives what was written.

    Args:
        out: a folder that is not there or empty, or a file that ends in ``.zip``.

    Raises:
        OutputError: the folder holds something, or it cannot be written; nothing is left of it.
    """
    if out.suffix.lower() != ".zip" and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(
            "The folder {folder} holds something already.", "Choose a new or an empty one.", folder=out
        )
    written: list[ExhibitorPack] = []
    try:
        with tempfile.TemporaryDirectory(prefix=".packs-", dir=out.absolute().parent) as name:
            folder = Path(name)
            ending = ""
            for pack in packs:
                ending = write_report_file(folder / pack.file_stem, pack.content, chosen).suffix
                written.append(pack)
            (folder / INDEX_FILE).write_text(write_index(written, ending), encoding="utf-8-sig", newline="")
            _put_in_place(folder, out)
    except OSError as error:
        raise explain_error(OutputError, error, file=out) from error
    return tuple(written)


def _put_in_place(folder: Path, out: Path) -> None:
    files = sorted(folder.iterdir())
    if out.suffix.lower() == ".zip":
        with replace_file(out) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
        return
    out.mkdir(exist_ok=True)
    for file in files:
        shutil.move(file, out / file.name)
