"""The reference of a camera's view on disk: points and descriptors alone, from which nobody can be seen."""

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
LARGEST_BYTES = 8 * 2**20
"""Some 100 kB as a rule."""
MAX_KEPT = 4
"""Of one camera, of its last calibrations: so that undoing one finds the reference that belongs to it."""


def save_reference(file: Path, features: ViewFeatures) -> None:
    """Write a reference, whole or not at all, and remove the oldest of the same camera.

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
    for old in known[:-MAX_KEPT]:
        old.unlink(missing_ok=True)


def read_reference(file: Path) -> ViewFeatures | None:
    """The reference of a file; None where there is none that can be used, so that a new one is taken."""
    try:
        with np.load(io.BytesIO(read_bounded(file, most_bytes=LARGEST_BYTES)), allow_pickle=False) as content:
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
