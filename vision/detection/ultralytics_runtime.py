"""Isolated import of Ultralytics: no telemetry, no installation, nothing written to the home folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import platformdirs

from analytics.domain.errors import ModelError
from vision.detection.telemetry_opt_out import refuse_openvino_telemetry

_SILENT_SETTINGS = {
    "sync": False,
    "clearml": False,
    "comet": False,
    "dvc": False,
    "mlflow": False,
    "raytune": False,
    "tensorboard": False,
    "wandb": False,
    "vscode_msg": False,
    "openvino_msg": False,
}

_SIGNS_OF_CODE = ("outside the supported Ultralytics checkpoint format", "Weights only load failed")
"""Error texts of Ultralytics and PyTorch for weights with classes other than those of networks."""


def import_ultralytics() -> Any:
    """Import and return the package ``ultralytics``, silenced.

    Its defaults report every run to an analytics service, look up internet hosts at import, install missing
    packages by pip and write into the home folder. All four are disabled before the first import; weights are
    downloaded only when a named model is fetched. Code that comes with weights is not run.

    Raises:
        ModelError: torch or Ultralytics is not installed.
    """
    os.environ["YOLO_AUTOINSTALL"] = "false"
    os.environ["YOLO_OFFLINE"] = "true"  # skips host look-ups, and with them reports and version checks
    os.environ.setdefault("YOLO_CONFIG_DIR", str(_settings_folder()))
    os.environ.setdefault("YOLO_VERBOSE", "false")
    # weights are pickles, which may run any code when read: only numbers and Ultralytics' own classes
    # are read, and PyTorch refuses other content that Ultralytics cannot handle
    os.environ["ULTRALYTICS_SAFE_LOAD"] = "true"
    os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"
    # Ultralytics would set one thread, meant for training; detection needs all of them
    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))
    refuse_openvino_telemetry()
    try:
        import torch  # noqa: F401
        import ultralytics
        from PIL import Image
        from ultralytics.utils import SETTINGS, patches
    except ImportError as error:
        raise ModelError(
            "This needs PyTorch and Ultralytics, which are not installed.",
            "Install them with: pip install 'expoflow[torch]', or choose an OpenVINO model folder.",
        ) from error
    # WORKAROUND: ultralytics 8.4 replaces Pillow's open() globally by one that tries to install pi-heif
    Image.open = getattr(patches, "_image_open", Image.open)
    settings: Any = SETTINGS
    outdated = {
        name: value
        for name, value in _SILENT_SETTINGS.items()
        if name in settings and settings[name] != value
    }
    if outdated:
        settings.update(outdated)
    from ultralytics.utils.events import events

    events.enabled = False
    return ultralytics


def refuse_code(file: Path, error: BaseException) -> None:
    """Raise an error in words if weights were rejected because they contain code.

    Raises:
        ModelError: the weights contain code.
    """
    told = str(error)
    if _is_checkpoint(file) and any(sign in told for sign in _SIGNS_OF_CODE):
        raise ModelError(
            "The weights file {file} contains program code that would run when it is loaded.",
            "Use official weights, or ask their maker to export an OpenVINO model folder, and import it.",
            file=file.name,
        ) from error


def _is_checkpoint(file: Path) -> bool:
    """Return whether a file is an archive or a pickle; PyTorch calls anything else unsafe, too."""
    with file.open("rb") as content:
        return content.read(2)[:1] in {b"P", b"\x80"}


def _settings_folder() -> Path:
    home = os.environ.get("EXPOFLOW_HOME")
    folder = (Path(home) / "cache" if home else platformdirs.user_cache_path("expoflow")) / "ultralytics"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
