"""``privacy.toml`` in a venue's folder: what the window shows of visitors, and who answers for it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from analytics.domain.errors import Phrase, VenueError
from app.core.toml_file import read_toml_file, write_toml_file

FILE_NAME = "privacy.toml"
FORMAT = 1
MAX_TEXT = 500
_Text = Annotated[str, Field(max_length=MAX_TEXT)]

_LOG = logging.getLogger(__name__)


class PreviewMode(StrEnum):
    """What the window shows of a camera's picture while it is recorded."""

    PLAIN = "plain"
    """The picture; whoever looks may switch the blurring of heads off, which is on at each start."""
    BLURRED = "blurred"
    """The picture, with the heads of everybody who was found unrecognisable, always."""
    SILHOUETTES = "silhouettes"
    """No picture at all: figures where people are, on an empty ground."""


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """What a venue says of privacy.

    Attributes:
        organiser: who answers for the processing, for the entrance sign and the record; empty: not said yet.
        contact: where visitors reach them.
        purpose: in the organiser's own words; empty for the usual one.
    """

    previews: PreviewMode = PreviewMode.BLURRED
    organiser: _Text = ""
    contact: _Text = ""
    purpose: _Text = ""


_FILE = TypeAdapter(PrivacySettings)


STRICTEST = PrivacySettings(PreviewMode.SILHOUETTES)
"""What holds while a file cannot be understood."""


def read_privacy(folder: Path) -> PrivacySettings:
    """What a venue says; pictures with blurred heads where there is no file.

    Raises:
        VenueError: the file cannot be read or understood; whoever shows pictures takes ``STRICTEST``.
    """
    known = read_toml_file(
        folder / FILE_NAME,
        # a file that does not say what may be shown is not one that allows the usual
        lambda document: _FILE.validate_python({"previews": None} | document),
        format_known=FORMAT,
        make_unreadable=_make_unreadable,
    )
    return PrivacySettings() if known is None else known


def write_privacy(folder: Path, settings: PrivacySettings) -> None:
    """Replace what a venue says; hold the venue's lock meanwhile.

    Raises:
        VenueError: a text is too long, or the file cannot be written.
    """
    for name, text in (
        ("organiser", settings.organiser),
        ("contact", settings.contact),
        ("purpose", settings.purpose),
    ):
        if len(text) > MAX_TEXT:
            raise VenueError(
                "The field '{field}' is longer than {most} letters.",
                "Write it shorter; details belong into the record of processing itself.",
                field=name,
                most=MAX_TEXT,
            )
    write_toml_file(folder / FILE_NAME, {"format": FORMAT, **_FILE.dump_python(settings)})


def _make_unreadable(file: Path, cause: str | Phrase) -> VenueError:
    return VenueError(
        "{file} does not say in a way that this version understands what may be shown of visitors: {cause}.",
        "Take it away, or put back a copy that was all right. Until then no pictures are shown.",
        file=file,
        cause=cause,
    )


def find_privacy(folder: Path) -> PrivacySettings:
    """What holds in a venue; the strictest where nobody can tell."""
    try:
        return read_privacy(folder)
    except VenueError as error:
        _LOG.warning("%s", error.problem)
        return STRICTEST
