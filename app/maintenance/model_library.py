"""List, download, import, export and measure models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.domain.clock import Clock, format_utc
from analytics.domain.errors import ModelError
from app.settings.file import read_settings
from resources.files import resource_path
from vision.detection.child_task import ProgressListener, TaskProgress, ignore_progress
from vision.detection.model_catalogue import (
    CatalogueEntry,
    ModelCatalogue,
    ModelKind,
    locate_model,
    read_catalogue,
    require_model_name,
)
from vision.detection.model_digest import digest_model
from vision.detection.model_records import ModelRecord, ModelRecords

__all__ = ["ModelRecord", "ProgressListener", "TaskProgress"]


_READY = "ready"


@dataclass(frozen=True, slots=True)
class ListedModel:
    """An entry of the list of models.

    Attributes:
        path: location of the model; None if it is not on this machine.
        state: ``ready``, ``not fetched``, ``damaged`` or ``missing``.
        size_bytes: size, approximate if the model is not on this machine.
        input_wh: training size, if the catalogue states it.
    """

    name: str
    state: str
    path: Path | None
    origin: str
    licence: str
    size_bytes: int | None
    input_wh: tuple[int, int] | None
    description: str


def list_models(*, user_folder: Path, catalogue: ModelCatalogue | None = None) -> list[ListedModel]:
    """Return the user's models and the other models of the catalogue, each checked against its record.

    Raises:
        ModelError: the user's list of models cannot be read.
    """
    catalogue = catalogue or read_catalogue()
    records = ModelRecords(user_folder)
    recorded = records.read()
    listed = [_list_recorded(records, record, catalogue.find(name)) for name, record in recorded.items()]
    listed += [_list_entry(entry) for entry in catalogue.entries if entry.name not in recorded]
    return listed


def get_model(
    name: str,
    *,
    user_folder: Path,
    clock: Clock,
    replace: bool = False,
    listener: ProgressListener = ignore_progress,
) -> ModelRecord:
    """Download a model of the catalogue.

    Raises: ModelError: as `vision.detection.model_arrival.fetch_model`, or the catalogue has no such
    name, or settings of this machine forbid downloads.
    """
    from vision.detection.model_arrival import fetch_model

    catalogue = read_catalogue()
    entry = catalogue.find(name)
    if entry is None:
        raise ModelError(
            "The catalogue has no model called '{name}', only {names}.",
            "Choose one of these, or import a file with: python -m app models import FILE",
            name=name,
            names=", ".join(entry.name for entry in catalogue.entries),
        )
    if not read_settings().settings.allow_downloads:
        raise ModelError(
            "{name} was not downloaded: the settings of this machine forbid downloads.",
            "Allow downloads in the settings, or import a file with: python -m app models import FILE",
            name=name,
        )
    return fetch_model(entry, user_folder=user_folder, clock=clock, replace=replace, listener=listener)


def import_model(
    source: Path, *, user_folder: Path, clock: Clock, name: str | None = None, replace: bool = False
) -> ModelRecord:
    """Copy a model file or OpenVINO model folder into the user's folder.

    Raises:
        ModelError: as `vision.detection.model_arrival.import_model`.
    """
    from vision.detection import model_arrival

    return model_arrival.import_model(
        source, user_folder=user_folder, clock=clock, name=name, replace=replace
    )


def export_model(
    choice: str,
    *,
    user_folder: Path,
    clock: Clock,
    input_wh: tuple[int, int],
    precision: str = "int8",
    videos: Sequence[Path] = (),
    frame_count: int = 200,
    name: str | None = None,
    listener: ProgressListener = ignore_progress,
) -> ModelRecord:
    """Turn weights, by path or name, into an OpenVINO model folder in the user's folder.

    Args:
        input_wh: width and height in pixels, multiples of 32.
        precision: ``int8`` (needs ``videos`` of the user's cameras), ``fp16`` or ``fp32``.
        name: of the new model; None for the weights' name with height, width and precision,
            ``yolo26n-384x640-int8``.

    Raises:
        ModelError: as `vision.detection.model_export.export_openvino`, or the names cannot be used.
    """
    from vision.detection.model_export import Precision, export_openvino

    if precision not in list(Precision):
        raise ModelError(
            "There is no precision called '{precision}'.", "Choose int8, fp16 or fp32.", precision=precision
        )
    weights = locate_model(choice, user_folder=user_folder)
    chosen = name or f"{weights.stem}-{input_wh[1]}x{input_wh[0]}-{precision}"
    require_model_name(chosen)
    folder = export_openvino(
        weights,
        user_folder / chosen,
        input_wh=input_wh,
        precision=Precision(precision),
        videos=videos,
        frame_count=frame_count,
        listener=listener,
    )
    return ModelRecords(user_folder).add(
        name=chosen,
        path=folder,
        origin=f"export of {weights.name}",
        recorded_utc=format_utc(clock.now_utc_s()),
    )


def bench_model(choice: str, *, user_folder: Path, clock: Clock, duration_s: float = 10.0) -> float:
    """Return how many pictures a second a model, by path or name, analyses on this machine.

    Raises:
        ModelError: the model cannot be used.
    """
    from vision.detection.detector_choice import DetectorChoice
    from vision.detection.detector_loading import choose_adapter, load_detector
    from vision.detection.detector_throughput import measure_throughput

    path = locate_model(choice, user_folder=user_folder)
    detector = load_detector(DetectorChoice(path, adapter=choose_adapter(path)))
    try:
        return measure_throughput(detector, duration_s=duration_s, clock=clock)
    finally:
        detector.close()


def _list_recorded(records: ModelRecords, record: ModelRecord, entry: CatalogueEntry | None) -> ListedModel:
    try:
        records.find_checked(record.name)
        state = _READY
    except ModelError:
        state = "damaged"
    return ListedModel(
        name=record.name,
        state=state,
        path=records.folder / record.file,
        origin=record.origin,
        licence=entry.licence if entry else "",
        size_bytes=record.size_bytes,
        input_wh=entry.input_wh if entry else None,
        description=entry.description if entry else "",
    )


def _list_entry(entry: CatalogueEntry) -> ListedModel:
    bundled = resource_path("models", entry.name)
    is_here = entry.kind is ModelKind.BUNDLED and any(bundled.glob("*.xml"))
    if is_here:
        state = _READY if digest_model(bundled) == entry.sha256 else "damaged"
    else:
        state = "missing" if entry.kind is ModelKind.BUNDLED else "not fetched"
    return ListedModel(
        name=entry.name,
        state=state,
        path=bundled if is_here else None,
        origin=entry.source,
        licence=entry.licence,
        size_bytes=entry.approximate_bytes,
        input_wh=entry.input_wh,
        description=entry.description,
    )
