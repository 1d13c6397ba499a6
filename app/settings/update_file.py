"""``updates.toml``: whether a release feed is asked for newer versions, which one, and what it said last.

It is a file of its own, beside the settings: a window that writes its settings again must not undo what a
command has switched meanwhile.
"""

from __future__ import annotations

import logging
import tomllib
from pathlib import Path
from typing import Annotated

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analytics.domain.errors import OutputError
from app.error_reporting import explain_error
from app.settings.paths import settings_folder
from resources.atomic_file import write_text_atomically
from resources.bounded_file import read_bounded

FILE_NAME = "updates.toml"
LONGEST_ADDRESS = 500
LONGEST_VERSION = 64
_FORMAT = 1
_OWNER_ONLY = 0o600
_LOG = logging.getLogger(__name__)

_Address = Annotated[str, Field(max_length=LONGEST_ADDRESS)]
_Version = Annotated[str, Field(max_length=LONGEST_VERSION)]


class UpdateChoice(BaseModel):
    """What is chosen, and what is known; without a file nothing is asked.

    Attributes:
        is_on: whether the feed is asked at all.
        address: of the feed; empty: none was given.
        looked_utc_s: when it was asked last, seconds since the epoch; None: never.
        has_failed: it gave no answer that could be used then.
        version, page: the newest release that it named, and the web page about it; empty: none.
        dismissed: the version that nobody wants to be told of again.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )

    is_on: bool = False
    address: _Address = ""
    looked_utc_s: float | None = None
    has_failed: bool = False
    version: _Version = ""
    page: _Address = ""
    dismissed: _Version = ""


def read_updates(folder: Path | None = None) -> UpdateChoice:
    """What holds on this machine; a file that cannot be understood means that nothing is asked.

    Args:
        folder: default: `settings_folder`.
    """
    file = (folder or settings_folder()) / FILE_NAME
    try:
        if not file.exists():
            return UpdateChoice()
        raw = tomllib.loads(read_bounded(file).decode("utf-8-sig"))
        if raw.pop("format", None) != _FORMAT:
            raise ValueError("of another format")
        return UpdateChoice.model_validate(raw)
    except (OSError, ValueError, RecursionError, ValidationError) as error:
        _LOG.warning("%s cannot be used; no release feed is asked: %s", file, type(error).__name__)
        return UpdateChoice()


def write_updates(choice: UpdateChoice, folder: Path | None = None) -> None:
    """Write it, whole or not at all, for its owner alone.

    Raises:
        OutputError: the folder cannot be made or written to, or the disk is full.
    """
    file = (folder or settings_folder()) / FILE_NAME
    content = {"format": _FORMAT, **choice.model_dump(exclude_none=True)}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text_atomically(file, tomli_w.dumps(content), mode=_OWNER_ONLY)
    except OSError as error:
        raise explain_error(OutputError, error, file=file) from error
