"""Download and import of models into the user's folder, each complete or not at all."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from analytics.domain.clock import Clock, format_utc
from analytics.domain.errors import ModelError
from vision.detection.child_task import ProgressListener, ignore_progress, run_child_task
from vision.detection.model_catalogue import MODEL_SUFFIXES, CatalogueEntry, require_model_name
from vision.detection.model_digest import digest_model, model_files
from vision.detection.model_records import ModelRecord, ModelRecords
from vision.detection.openvino_network import read_network


def fetch_model(
    entry: CatalogueEntry,
    *,
    user_folder: Path,
    clock: Clock,
    replace: bool = False,
    listener: ProgressListener = ignore_progress,
) -> ModelRecord:
    """Download official weights in a child process, and record them.

    With torch and Ultralytics installed these are PyTorch's, which can be exported and trained; otherwise
    the official ONNX file, which becomes an OpenVINO folder.

    Raises:
        ModelError: no connection, not enough space, the weights are not those of the catalogue, or a model
            of that name already exists.
    """
    records = ModelRecords(user_folder)
    if entry.url is None:
        raise ModelError(
            "The model {name} comes with ExpoFlow and cannot be downloaded.",
            "Use it by its name.",
            name=entry.name,
        )
    _refuse_present(records, entry.name, replace=replace)
    has_torch = all(importlib.util.find_spec(package) for package in ("torch", "ultralytics"))
    url = entry.url if has_torch else entry.onnx_url
    expected = entry.sha256 if has_torch else entry.onnx_sha256
    work = _work_folder(user_folder, entry.name)
    try:
        finished = run_child_task(
            "vision.detection.fetch_child",
            {
                "url": url,
                "file_name": url.rsplit("/", 1)[-1],
                "work_folder": str(work),
                "approximate_bytes": entry.approximate_bytes,
            },
            listener=listener,
        )
        arrived = Path(finished["file"])
        if expected is not None and digest_model(arrived) != expected:
            raise ModelError(
                "The downloaded weights of {name} differ from those in the catalogue.",
                "Try again; if it happens again, do not use them.",
                name=entry.name,
            )
        if not has_torch:
            arrived = _convert(arrived, work / entry.name, listener=listener)
        return _settle(arrived, records, name=entry.name, origin=url, clock=clock)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def import_model(
    source: Path,
    *,
    user_folder: Path,
    clock: Clock,
    name: str | None = None,
    replace: bool = False,
    listener: ProgressListener = ignore_progress,
) -> ModelRecord:
    """Copy a model file or an OpenVINO model folder into the user's folder and record it.

    An ONNX file becomes an OpenVINO folder, which runs without torch.

    The copy is loaded once in a child process, exactly as a recording would load it: an imported model is
    usable, and untrusted weights can crash only that process.

    Args:
        name: name of the model; None for the name of the file or folder.

    Raises:
        ModelError: it is not a model of people that loads on this machine, the name is invalid, or it
            already exists.
    """
    source = source.parent if source.suffix.lower() == ".xml" and source.is_file() else source
    chosen = name or (source.resolve().name if source.is_dir() else source.stem)
    chosen = chosen.removesuffix("_openvino_model")
    require_model_name(chosen)
    records = ModelRecords(user_folder)
    _check_source(source)
    _refuse_present(records, chosen, replace=replace)
    work = _work_folder(user_folder, chosen)
    try:
        target = work / (chosen if source.is_dir() else chosen + source.suffix.lower())
        if source.suffix.lower() == ".onnx":
            target = _convert(source, work / chosen, listener=listener)
        else:
            _copy(source, target)
            run_child_task("vision.detection.load_child", {"path": str(target)}, listener=listener)
        return _settle(target, records, name=chosen, origin=f"file {source.name}", clock=clock)
    except OSError as error:
        raise ModelError(
            "The model {source} cannot be copied to {folder}: {reason}",
            "Check the free space and the permissions there.",
            source=str(source),
            folder=str(user_folder),
            reason=error.strerror or "unknown error",
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        target.mkdir()
        for file in model_files(source):
            if file.parent == source:
                shutil.copy(file, target)
    else:
        shutil.copy(source, target)


def _convert(onnx: Path, folder: Path, *, listener: ProgressListener) -> Path:
    request = {"path": str(onnx), "convert_into": str(folder)}
    run_child_task("vision.detection.load_child", request, listener=listener)
    return folder


def _check_source(source: Path) -> None:
    if source.is_dir():
        read_network(source, device="auto", person_class=0, cache_folder=None)
        return
    if not source.is_file():
        raise ModelError("There is no model at {path}.", "Check the path.", path=str(source))
    suffix = source.suffix.lower()
    if suffix not in MODEL_SUFFIXES:
        raise ModelError(
            "{path} is not a detection model.",
            "Choose an OpenVINO model folder, or weights ending in .pt, .engine or .onnx.",
            path=str(source),
        )
    if suffix == ".pt" and not zipfile.is_zipfile(source):
        raise ModelError(
            "{path} is damaged or not written by PyTorch.", "Download or copy it again.", path=str(source)
        )


def _refuse_present(records: ModelRecords, name: str, *, replace: bool) -> None:
    if not replace and name in records.read():
        raise ModelError(
            "There is a model called {name} already.",
            "Use it by its name, or replace it with --replace.",
            name=name,
        )


def _work_folder(user_folder: Path, name: str) -> Path:
    try:
        user_folder.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=user_folder, prefix=f".{name}.partial-"))
    except OSError as error:
        raise ModelError(
            "The folder for models, {folder}, cannot be written: {reason}",
            "Check the free space and the permissions there.",
            folder=str(user_folder),
            reason=error.strerror or "unknown error",
        ) from error


def _settle(arrived: Path, records: ModelRecords, *, name: str, origin: str, clock: Clock) -> ModelRecord:
    """Move the new model to its final name and record it; an older one is removed last."""
    for file in model_files(arrived):
        with file.open("rb+") as stream:
            os.fsync(stream.fileno())
    target = records.folder / arrived.name
    if target.exists():
        target.rename(arrived.parent / f"{arrived.name}.replaced")
    arrived.rename(target)
    return records.add(name=name, path=target, origin=origin, recorded_utc=format_utc(clock.now_utc_s()))
