"""The exact numbers of a simulated day, by the product's own definitions on everybody's exact positions."""

from __future__ import annotations

from typing import Any

import numpy as np

from analytics.domain.floor_plan import FloorGeometry
from analytics.results.summary import compute_results
from tools.demo.history import make_exact_tracks
from tools.simulation.crowd.crowd_samples import CrowdSamples

_SAMPLED_S = 1.0


def count_exactly(samples: CrowdSamples, geometry: FloorGeometry, *, duration_s: float) -> dict[str, Any]:
    """Return visitors, mean people in the hall, visits and mean dwell of zones, and crossings."""
    tracks = make_exact_tracks(samples)
    tracks = tracks[np.isclose(tracks["time_s"] % _SAMPLED_S, 0.0)]
    results = compute_results(
        tracks=tracks, spans=None, zones=geometry.zones, lines=geometry.lines, duration_s=duration_s
    )
    visits = results.visits.groupby("zone")["seconds"].agg(["size", "mean"])
    crossings = results.crossings["line"].astype(str) + " " + results.crossings["direction"].astype(str)
    return {
        "visitors": len(np.unique(samples.visitor)),
        "mean_people": round(len(samples.frame) / len(samples.times_s), 2),
        "zones": {
            str(zone): {"visits": int(row["size"]), "mean_dwell_s": round(float(row["mean"]), 1)}
            for zone, row in visits.iterrows()
        },
        "lines": {str(name): int(count) for name, count in crossings.value_counts().sort_index().items()},
    }
