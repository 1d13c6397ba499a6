"""Writes the privacy pack of a venue into a folder, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from analytics.domain.errors import OutputError
from app.error_reporting import explain_error
from app.print.entrance_sign import paint_sign
from app.print.report_document import paint_report
from resources.atomic_file import write_bytes_atomically

if TYPE_CHECKING:
    from app.operations.privacy_pack import PrivacyPack

SIGN_FILE = "entrance-sign.pdf"
RECORD_FILE = "record-of-processing.pdf"
NOTES_FILE = "notes-on-the-law.pdf"


def write_privacy_pack(folder: Path, pack: PrivacyPack) -> tuple[Path, ...]:
    """Write the pack; files of an earlier one in the folder are replaced.

    Raises:
        OutputError: it cannot be written, or our fonts are absent; all is painted before anything is written.
    """
    creator = f"ExpoFlow {pack.record.versions['expoflow']}"
    contents = {
        SIGN_FILE: paint_sign(pack.signs, creator=creator),
        RECORD_FILE: paint_report(pack.record),
        NOTES_FILE: paint_report(pack.notes),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            write_bytes_atomically(folder / name, content)
    except OSError as error:
        raise explain_error(OutputError, error, file=folder) from error
    return tuple(folder / name for name in contents)
