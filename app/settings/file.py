"""Reading and writing of ``settings.toml``; an invalid field falls back to its default."""

from __future__ import annotations

import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import tomli_w
from pydantic import ValidationError

from analytics.domain.errors import ExpoFlowError, OutputError, Phrase
from app.error_reporting import convert_error, find_error_templates
from app.settings import paths
from app.settings.field_faults import describe_faults
from app.settings.paths import settings_folder
from app.settings.schema import CURRENT_FORMAT, Settings
from resources.atomic_file import write_bytes_atomically, write_text_atomically
from resources.bounded_file import read_bounded

FILE_NAME = "settings.toml"
DAMAGED_NAME = "settings.toml.damaged"
"""A file with faults that was replaced."""
OWNER_ONLY = 0o600

HEADER = "# Settings of ExpoFlow on this machine. Fields that are missing have their defaults.\n\n"


class SettingsError(ExpoFlowError):
    """A settings file with invalid fields."""


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings in force, and the faults of the file."""

    settings: Settings
    error: SettingsError | None = None


def read_settings(folder: Path | None = None) -> LoadedSettings:
    """Read the settings of this machine; never fails, so that the program starts and they can be fixed.

    Args:
        folder: default: `settings_folder`.
    """
    file = (folder or settings_folder()) / FILE_NAME
    try:
        if not file.exists():
            return LoadedSettings(Settings())
        raw = tomllib.loads(read_bounded(file).decode("utf-8-sig"))
    except OSError as error:
        words = find_error_templates(error)
        return _use_defaults(file, Phrase(words.problem_template, words.details))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return _use_defaults(file, Phrase("it is damaged or incomplete."))
    number = raw.pop("format", None)
    if type(number) is not int or number != CURRENT_FORMAT:
        is_newer = type(number) is int and number > CURRENT_FORMAT
        return _use_defaults(
            file,
            Phrase("it was written by a newer ExpoFlow.")
            if is_newer
            else Phrase("format: must be the number 1."),
        )
    return _validate(raw, file=file)


def write_settings(settings: Settings, folder: Path | None = None) -> None:
    """Write the settings atomically, readable by their owner alone; a file with faults is kept as a backup.

    Raises:
        OutputError: the folder cannot be made or written to, or the disk is full.
    """
    file = (folder or settings_folder()) / FILE_NAME
    content = {"format": CURRENT_FORMAT, **settings.model_dump(mode="json", exclude_none=True)}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and read_settings(file.parent).error is not None:
            write_bytes_atomically(file.parent / DAMAGED_NAME, file.read_bytes(), mode=OWNER_ONLY)
        write_text_atomically(file, HEADER + tomli_w.dumps(content), mode=OWNER_ONLY)
    except OSError as error:
        raise convert_error(OutputError, error, file=file) from error


def _validate(raw: dict[str, object], *, file: Path) -> LoadedSettings:
    try:
        return LoadedSettings(Settings.model_validate(raw))
    except ValidationError as error:
        faulty = {fault["loc"][0] for fault in error.errors()}
        faults = describe_faults(error, raw, model=Settings, singulars={})
    sound = {key: value for key, value in raw.items() if key not in faulty}
    return LoadedSettings(
        Settings.model_validate(sound), _make_error(file, Phrase("{faults}.", {"faults": faults}))
    )


def _use_defaults(file: Path, reason: Phrase) -> LoadedSettings:
    return LoadedSettings(Settings(), _make_error(file, reason))


def _make_error(file: Path, reason: Phrase) -> SettingsError:
    return SettingsError(
        "{name}: {reason} The defaults are used instead.",
        "Correct {file} with a text editor, or delete it.",
        name=file.name,
        reason=reason,
        file=str(file),
    )


def prepare_models_folder(folder: Path) -> Path:
    """Create the models folder if needed and check that it is writable.

    Raises:
        OutputError: it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"\0")
    except OSError as error:
        raise OutputError(
            "The folder {folder} is not writable: {cause}.",
            "Choose another folder, or get permission to write to this one. The previous one stays in use.",
            folder=str(folder),
            cause=error.strerror or type(error).__name__,
        ) from error
    return folder.absolute()


def models_folder() -> Path:
    """Return the models folder in force; it need not exist yet."""
    return read_settings().settings.models_folder or paths.models_folder()
