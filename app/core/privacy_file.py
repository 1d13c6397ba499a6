"""``privacy.toml`` in a venue's folder: what the window shows of visitors, and the responsible contact."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from analytics.domain.errors import VenueError
from app.core.toml_file import TomlFile
from app.error_reporting import ErrorTemplates

FILE_NAME = "privacy.toml"
MAX_TEXT = 500
_Text = Annotated[str, Field(max_length=MAX_TEXT)]

_LOG = logging.getLogger(__name__)


class PreviewMode(StrEnum):
    """The preview of a camera's picture during recording."""

    PLAIN = "plain"
    """The picture; head blurring is on at each start and can be switched off."""
    BLURRED = "blurred"
    """The picture, with the heads of all detected people always blurred."""
    SILHOUETTES = "silhouettes"
    """No picture: silhouettes of people on an empty background."""


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """The privacy settings of a venue.

    Attributes:
        organiser: the data controller, for the entrance sign and the record; empty: not set yet.
        contact: how visitors reach the organiser.
        purpose: in the organiser's own words; empty for the default.
    """

    previews: PreviewMode = PreviewMode.BLURRED
    organiser: _Text = ""
    contact: _Text = ""
    purpose: _Text = ""


_RECORD = TypeAdapter(PrivacySettings)
_FILE = TomlFile(
    FILE_NAME,
    # an incomplete file must not fall back to the default permissions
    lambda document: _RECORD.validate_python({"previews": None} | document),
    ErrorTemplates(
        "The privacy settings in {file} cannot be read: {cause}.",
        "Delete it or restore a valid copy. Until then, no pictures are shown.",
    ),
)


STRICTEST = PrivacySettings(PreviewMode.SILHOUETTES)
"""The settings in force while a file cannot be read."""


def read_privacy(folder: Path) -> PrivacySettings:
    """Read a venue's privacy settings; blurred previews if there is no file.

    Raises:
        VenueError: the file cannot be read or understood; whoever shows pictures takes ``STRICTEST``.
    """
    return _FILE.read(folder) or PrivacySettings()


def write_privacy(folder: Path, settings: PrivacySettings) -> None:
    """Write a venue's privacy settings; the caller holds the venue's lock.

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
                "The field '{field}' is longer than {most} characters.",
                "Shorten it; details belong in the record of processing itself.",
                field=name,
                most=MAX_TEXT,
            )
    _FILE.write(folder, _RECORD.dump_python(settings))


def find_privacy(folder: Path) -> PrivacySettings:
    """Return the privacy settings in force; the strictest if they cannot be read."""
    try:
        return read_privacy(folder)
    except VenueError as error:
        _LOG.warning("%s", error.problem)
        return STRICTEST
