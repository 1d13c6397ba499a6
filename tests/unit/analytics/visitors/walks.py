"""Track tables of people who stand and walk, made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.columns import SPAN_COLUMNS, TRACK_COLUMNS, Column


def walk(
    tracklet: int,
    *,
    start_s: float,
    end_s: float,
    at_m: tuple[float, float] = (0.0, 0.0),
    velocity_m_s: tuple[float, float] = (0.0, 0.0),
    camera: str = "cam",
    sigma_m: float = 0.15,
    height_m: float = float("nan"),
    fps: float = 5.0,
    seed: int | None = None,
) -> pd.DataFrame:
    """Make one tracklet; ``at_m`` is its place at time 0; ``seed`` adds noise of ``sigma_m``."""
    times_s = np.arange(round((end_s - start_s) * fps) + 1) / fps + start_s
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, sigma_m, (len(times_s), 2)) if seed is not None else np.zeros((len(times_s), 2))
    table = pd.DataFrame(
        {
            "time_s": times_s,
            "camera": camera,
            "tracklet": tracklet,
            "visitor": None,
            "x_m": at_m[0] + velocity_m_s[0] * times_s + noise[:, 0],
            "y_m": at_m[1] + velocity_m_s[1] * times_s + noise[:, 1],
            "sigma_m": sigma_m,
            "height_m": height_m,
            "state": "confirmed",
        }
    )
    return with_types(table, TRACK_COLUMNS)


def join(*walks: pd.DataFrame) -> pd.DataFrame:
    """Join tables as one, ordered by time."""
    return pd.concat(walks, ignore_index=True).sort_values(
        ["time_s", "tracklet"], kind="stable", ignore_index=True
    )


def spans(*rows: tuple[str, float, float]) -> pd.DataFrame:
    """Make spans of (camera, start, end) each."""
    table = pd.DataFrame([(*row, 0) for row in rows], columns=[c.name for c in SPAN_COLUMNS])
    return with_types(table, SPAN_COLUMNS)


def with_types(table: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    return table.astype({column.name: column.dtype for column in columns})
