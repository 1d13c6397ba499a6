"""The reference of a camera's view on disk: points and descriptors only, which show no people."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np

from resources.atomic_file import write_bytes_atomically
from resources.bounded_file import read_bounded
from vision.alignment.view_features import GRID, ViewFeatures

FILE_FORMAT = 1
MAX_FILE_BYTES = 8 * 2**20
"""Maximum file size; usually some 100 kB."""
MAX_REFERENCES = 4
"""Number of references per camera, those of its last calibrations, so that undo finds its own."""


def save_reference(file: Path, features: ViewFeatures) -> None:
    """Write a reference atomically, and remove the oldest of the same camera.

    Raises:
        OSError: it cannot be written.
    """
    content = io.BytesIO()
    np.savez_compressed(
        content,
        format=FILE_FORMAT,
        size_wh=features.size_wh,
        points_px=features.points_px.astype(np.float32),
        descriptors=features.descriptors,
        edges=features.edges.astype(np.float32),
        structure=features.structure.astype(np.float32),
        tones=features.tones.astype(np.float32),
    )
    file.parent.mkdir(exist_ok=True)
    write_bytes_atomically(file, content.getvalue())
    camera = file.name.rpartition("-")[0]
    known = sorted(file.parent.glob(f"{camera}-*.npz"), key=lambda one: one.stat().st_mtime_ns)
    for old in known[:-MAX_REFERENCES]:
        old.unlink(missing_ok=True)


def read_reference(file: Path) -> ViewFeatures | None:
    """Read a reference; None without a usable one, so that a new one is made."""
    try:
        with np.load(
            io.BytesIO(read_bounded(file, most_bytes=MAX_FILE_BYTES)), allow_pickle=False
        ) as content:
            if int(content["format"]) != FILE_FORMAT:
                return None
            width, height = (int(side) for side in content["size_wh"])
            features = ViewFeatures(
                (width, height),
                np.asarray(content["points_px"], np.float64),
                np.asarray(content["descriptors"], np.uint8),
                np.asarray(content["edges"], np.float64),
                np.asarray(content["structure"], np.float64),
                np.asarray(content["tones"], np.float64),
            )
    except (OSError, ValueError, KeyError, EOFError, MemoryError, zlib.error, zipfile.BadZipFile):
        return None
    count = len(features.points_px)
    if features.points_px.shape != (count, 2) or features.descriptors.shape != (count, 32):
        return None
    if any(grid.shape != (GRID[1], GRID[0]) for grid in (features.edges, features.structure, features.tones)):
        return None
    return features
