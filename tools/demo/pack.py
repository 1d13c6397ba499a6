"""The shipped form of the demonstration's track points: small integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.domain.identifiers import CameraId
from app.demo.ready_venue import DIFFERENCES, FPS_KEY

_SCHEMA = pa.schema(
    [
        ("day", pa.int8()),
        ("camera", pa.string()),
        ("tracklet", pa.int32()),
        ("frame", pa.int32()),
        ("x_cm", pa.int16()),
        ("y_cm", pa.int16()),
        ("sigma_cm", pa.int16()),
        ("state", pa.int8()),
    ]
)
_MAX_SIGMA_M = 300.0
_PACKED = ("day", "tracklet", "frame")


def write_history(file: Path, days: Sequence[Mapping[CameraId, npt.NDArray[np.void]]], *, fps: float) -> None:
    """Write the track points of all days, a row group for each day and camera, by tracklet and time.

    Args:
        days: of each day and camera, points of ``POINT_TYPE`` whose times count from the first frame.
        fps: how many frames a second there were; stored with the points.
    """
    metadata = {FPS_KEY: f"{fps:g}"}
    writer = pq.ParquetWriter(
        file,
        _SCHEMA.with_metadata(metadata),
        compression="zstd",
        compression_level=19,
        use_dictionary=["camera", "state"],
        column_encoding=dict.fromkeys(_PACKED, "DELTA_BINARY_PACKED")
        | dict.fromkeys(DIFFERENCES, "BYTE_STREAM_SPLIT"),
    )
    with writer:
        for number, cameras in enumerate(days):
            for camera, points in cameras.items():
                table = _encode(number, camera, points, fps).replace_schema_metadata(metadata)
                writer.write_table(table, row_group_size=max(len(table), 1))


def _encode(number: int, camera: CameraId, points: npt.NDArray[np.void], fps: float) -> pa.Table:
    own = points[np.lexsort((points["time_s"], points["tracklet"]))]
    columns = {
        "day": np.full(len(own), number),
        "camera": np.full(len(own), str(camera)),
        "tracklet": own["tracklet"],
        "frame": np.round(own["time_s"] * fps),
        "x_cm": np.round(own["x_m"] * 100),
        "y_cm": np.round(own["y_m"] * 100),
        "sigma_cm": np.round(np.minimum(own["sigma_m"], _MAX_SIGMA_M) * 100),
        "state": own["state"],
    }
    columns |= {name: np.diff(columns[name], prepend=0) for name in DIFFERENCES}
    arrays = [
        pa.array(columns[field.name].astype(field.type.to_pandas_dtype()), field.type) for field in _SCHEMA
    ]
    return pa.Table.from_arrays(arrays, schema=_SCHEMA)
