"""What summary.json says of cameras that were moved: their positions are counted, and doubtful."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analytics.domain.zone import Zone
from analytics.metrics.moved_views import measure_doubtful_shares


def describe_moved_views(
    moved: pd.DataFrame, tracks: pd.DataFrame, zones: Sequence[Zone], start_s: float
) -> dict[str, object]:
    """The section ``moved_cameras``: when, and what share of each zone's positions they gave meanwhile.

    Args:
        moved: of ``find_moved_spans``, with absolute times.
        tracks: of the period, times from its start.
        start_s: of the period; the section's times count from it.
    """
    spans = moved.assign(start_s=moved["start_s"] - start_s, end_s=moved["end_s"] - start_s)
    shares = measure_doubtful_shares(tracks, spans, zones)
    return {
        "moved_cameras": {
            "spans": [
                {"camera": camera, "start_s": round(first_s, 3), "end_s": round(last_s, 3)}
                for camera, first_s, last_s in spans[["camera", "start_s", "end_s"]].itertuples(
                    index=False, name=None
                )
            ],
            "doubtful_share": {name: round(share, 4) for name, share in shares.items() if share > 0},
        }
    }
