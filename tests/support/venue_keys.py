"""Prints a venue's keys, and whether its stored tables suffice: ``python -m tests.support.venue_keys``."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from analytics.store.sql_event_store import open_reader
from app.core.document import Venue
from app.core.file_format import read_venue
from app.facts import period_facts
from app.facts.camera_views import find_camera_views
from app.facts.period_stretches import find_key, plan_stretches
from app.facts.prepared_facts import find_unprepared
from app.places.place_values import _find_key as find_values_key
from tests.support.halls.walked_hall import SetClock
from tests.support.processor_kernels import find_kernel
from vision.alignment.reference_place import locate_reference


def main(folder: Path, now_utc_s: float) -> None:
    venue = read_venue(folder)
    clock = SetClock(now_utc_s)
    reader = open_reader(folder)
    try:
        extent = reader.time_range()
        planned = plan_stretches(
            venue=venue, reader=reader, period_s=(-math.inf, math.inf), now_utc_s=now_utc_s
        )
    finally:
        reader.close()
    assert extent is not None
    period_s = extent.start_s, extent.end_s
    told = {
        "kernel": find_kernel(),
        "features": [name for name in __cpu_dispatch__ if __cpu_features__[name]],
        # what no key may contain
        "inverses": [
            np.linalg.inv(view.geometry.floor_from_pixel).tobytes().hex() for view in find_camera_views(venue)
        ],
        "unprepared": find_unprepared(venue, clock=clock),
        "rows": _count_stored_rows(venue, period_s, clock),
        "keys": {
            "tables": [find_key(venue, stretch) for stretch in planned],
            "values": find_values_key(venue, period_s),
            "references": [
                locate_reference(venue.views_folder, entry.camera).name for entry in venue.cameras
            ],
        },
    }
    sys.stdout.write(json.dumps(told))


def _count_stored_rows(venue: Venue, period_s: tuple[float, float], clock: SetClock) -> dict[str, int] | None:
    """Return the rows of each table of a period; None if one had to be computed."""

    def refuse(*_arguments: object) -> None:
        raise _ComputedAgainError

    period_facts.compute_stretch = refuse  # type: ignore[assignment]
    try:
        facts = period_facts.read_period_facts(venue=venue, period_s=period_s, clock=clock)
    except _ComputedAgainError:
        return None
    assert facts is not None
    return {name: len(table) for name, table in facts.tables.items()}


class _ComputedAgainError(Exception):
    pass


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
