"""The models that ExpoFlow knows by name, and the locations of models on this machine."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from analytics.domain.errors import ModelError
from resources.file_names import is_portable_name
from resources.files import resource_path
from vision.detection.model_records import ModelRecords

MODEL_SUFFIXES = (".pt", ".engine", ".onnx", ".torchscript")
"""Suffixes of single-file models; every other model is a folder."""
SHIPPED_MODEL = "yolo11n-int8"
"""The bundled model for real people."""
DEMONSTRATION_MODEL = "expoflow-demo"
"""The bundled model for the drawn people of the demonstration."""


class ModelKind(StrEnum):
    """Origin of a model in the catalogue."""

    OFFICIAL = "official"
    BUNDLED = "bundled"


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A named model.

    Attributes:
        source: who made it; ``training_data``: pictures that it was trained on.
        url: address of the weights; None for a bundled model.
        input_wh: training size in pixels.
        sha256: digest of the weights for PyTorch or of a bundled model, if known; see `digest_model`.
        onnx_sha256: digest of the weights as ONNX, if known.
    """

    name: str
    kind: ModelKind
    description: str
    url: str | None
    source: str
    training_data: str
    licence: str
    input_wh: tuple[int, int] | None
    approximate_bytes: int | None
    sha256: str | None
    onnx_sha256: str | None = None

    @property
    def onnx_url(self) -> str:
        """Address of the same weights as ONNX; empty for a bundled model."""
        return "" if self.url is None else self.url.removesuffix(".pt") + ".onnx"


@dataclass(frozen=True, slots=True)
class ModelCatalogue:
    """All entries."""

    entries: tuple[CatalogueEntry, ...]

    def find(self, name: str) -> CatalogueEntry | None:
        """Return the entry with a name, or None."""
        return next((entry for entry in self.entries if entry.name == name), None)


def read_catalogue() -> ModelCatalogue:
    """Read the catalogue that ships with the application, or another file of the same form."""
    raw = json.loads((resource_path("models", "catalogue.json")).read_text(encoding="utf-8"))
    entries = tuple(
        CatalogueEntry(
            name=item["name"],
            kind=ModelKind(item["kind"]),
            description=item["description"],
            url=item["url"],
            source=item["source"],
            training_data=item["training_data"],
            licence=item["licence"],
            input_wh=(item["input_wh"][0], item["input_wh"][1]) if item["input_wh"] else None,
            approximate_bytes=item["approximate_bytes"],
            sha256=item["sha256"],
            onnx_sha256=item.get("onnx_sha256"),
        )
        for item in raw["models"]
    )
    return ModelCatalogue(entries)


def locate_model(choice: str, *, user_folder: Path, bundled_folder: Path | None = None) -> Path:
    """Return the folder or file of a model given by path or by name; downloads nothing.

    A path is used as it is; a name is looked up in the user's folder, verified there against the record of
    its arrival, and then among the bundled models.

    Raises:
        ModelError: it is not on this machine (the remedy says how to get it), or it differs from its
            record.
    """
    path = Path(choice).expanduser()
    if path.exists():
        return path
    if path.name != choice or path.suffix.lower() in (*MODEL_SUFFIXES, ".xml"):
        raise ModelError(
            "There is no model at {path}.",
            "Check the path, or list the models with: python -m app models list",
            path=str(path),
        )
    own = ModelRecords(user_folder).find_checked(choice)
    if own is not None:
        return own
    bundled = (bundled_folder or resource_path("models")) / choice
    if is_model_name(choice) and any(bundled.glob("*.xml")):
        return bundled
    entry = (read_catalogue()).find(choice)
    if entry is None:
        raise ModelError(
            "There is no model called '{name}'.",
            "List the available models with: python -m app models list",
            name=choice,
        )
    if entry.kind is ModelKind.BUNDLED:
        raise ModelError(
            "The model {name} is missing from this installation.",
            "Install ExpoFlow again.",
            name=choice,
        )
    raise ModelError(
        "The model {name} is not on this machine yet.",
        "Download it with: python -m app models get {name}, or use {shipped}, which comes with ExpoFlow.",
        name=choice,
        shipped=SHIPPED_MODEL,
    )


def require_model_name(name: str) -> None:
    """Raise ``ModelError`` unless the name can be that of a model."""
    if not is_model_name(name):
        raise ModelError(
            "'{name}' cannot be the name of a model.",
            "Use --name with letters, digits, dots, dashes and underscores.",
            name=name,
        )


def is_model_name(name: str) -> bool:
    """Return whether a name is a valid folder name everywhere: letters, digits, dot, dash, underscore."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", name) is not None and is_portable_name(name)
