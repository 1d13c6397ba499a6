"""The models in the user's folder, and the record made of each on arrival: ``models.json``."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from analytics.domain.errors import ModelError
from resources.atomic_file import write_text_atomically
from vision.detection.model_digest import digest_model, measure_model

RECORDS_NAME = "models.json"


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """Properties of a model on arrival.

    Attributes:
        file: name of the file or folder inside the user's folder.
        sha256: see `vision.detection.model_digest.digest_model`.
        origin: an address without credentials, or a description of the origin.
        recorded_utc: ISO 8601.
    """

    name: str
    file: str
    sha256: str
    size_bytes: int
    origin: str
    recorded_utc: str


class ModelRecords:
    """The user's model folder; may not exist yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self) -> dict[str, ModelRecord]:
        """Read records by name.

        Raises:
            ModelError: the file of records is invalid.
        """
        path = self.folder / RECORDS_NAME
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            return {item["name"]: ModelRecord(**item) for item in raw["models"]}
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelError(
                "The list of your models, {path}, cannot be read.",
                "Move the file away and import your models again with: python -m app models import FILE",
                path=str(path),
            ) from error

    def find_checked(self, name: str) -> Path | None:
        """Return the path of a recorded model; None if there is none of that name.

        Raises:
            ModelError: it differs from its record.
        """
        record = self.read().get(name)
        if record is None:
            return None
        path = self.folder / record.file
        if not path.exists() or digest_model(path) != record.sha256:
            raise ModelError(
                "The model {name} at {path} differs from the one from {origin}: it was damaged, "
                "replaced or deleted.",
                "Get or import it again under the same name with --replace.",
                name=name,
                path=str(path),
                origin=record.origin,
            )
        return path

    def add(self, *, name: str, path: Path, origin: str, recorded_utc: str) -> ModelRecord:
        """Record a model that is now in the folder; replaces a record of the same name."""
        record = ModelRecord(
            name=name,
            file=path.relative_to(self.folder).as_posix(),
            sha256=digest_model(path),
            size_bytes=measure_model(path),
            origin=origin,
            recorded_utc=recorded_utc,
        )
        self._write({**self.read(), name: record})
        return record

    def _write(self, records: dict[str, ModelRecord]) -> None:
        models = [asdict(records[name]) for name in sorted(records)]
        text = json.dumps({"version": 1, "models": models}, indent=2, ensure_ascii=False) + "\n"
        write_text_atomically(self.folder / RECORDS_NAME, text)
