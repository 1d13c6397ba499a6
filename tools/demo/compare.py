"""The demonstration's truth beside what the product counts: ``python -m tools.demo.compare``."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from analytics.domain.arrays import Interval
from analytics.results.summary import compute_results
from analytics.store.sql_event_store import open_reader
from app.core.document import FOLDER_SUFFIX, Venue
from app.demo.ready_venue import list_show_days, unpack_demo_venue
from app.facts.camera_views import find_camera_views
from app.facts.identified_period import identify_period

TRUTH_FILE = Path(__file__).parent / "truth.json"


def count_period(venue: Venue, period_s: Interval) -> dict[str, Any]:
    """Return what the product counts of a day or a part, like ``tools.demo.truth.count_exactly``."""
    reader = open_reader(venue.folder)
    try:
        tracks, spans = reader.read_tracks(*period_s), reader.read_spans(*period_s)
    finally:
        reader.close()
    geometry, views = venue.geometry_at(period_s[0]), find_camera_views(venue)
    found = identify_period(
        tracks=tracks,
        spans=spans,
        period_s=period_s,
        views=views,
        zones=geometry.zones,
        lines=geometry.lines,
    )
    results = compute_results(
        tracks=found.tracks,
        spans=found.spans,
        zones=geometry.zones,
        lines=geometry.lines,
        duration_s=period_s[1] - period_s[0],
        views=views,
        doors=found.doors,
    )
    summary: dict[str, Any] = results.summary
    return {
        "visitors": summary["identities"],
        "mean_people": summary["people_in_view"]["mean"],
        "zones": {
            name: {"visits": zone["visits"], "mean_dwell_s": zone["mean_dwell_s"]}
            for name, zone in summary["zones"].items()
        },
        "lines": {
            f"{name} {direction}": line[direction]
            for name, line in summary["lines"].items()
            for direction in ("in", "out")
        },
    }


def print_both(truth: dict[str, Any], counted: dict[str, Any]) -> None:
    """Print true and counted figures."""
    for name in ("visitors", "mean_people"):
        print(f"  {name}: {truth[name]}, {counted[name]}")
    for name, value in truth["lines"].items():
        print(f"  {name}: {value}, {counted['lines'][name]}")
    visits = [sum(zone["visits"] for zone in of["zones"].values()) for of in (truth, counted)]
    print(f"  visits at all zones: {visits[0]}, {visits[1]}")
    for name, zone in truth["zones"].items():
        own = counted["zones"][name]
        print(f"  {name}: {zone['visits']} x {zone['mean_dwell_s']} s, "
              f"{own['visits']} x {own['mean_dwell_s']} s")  # fmt: skip


def main() -> None:
    """Print true and counted figures of every day."""
    truths = json.loads(TRUTH_FILE.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        venue = unpack_demo_venue(Path(scratch) / f"demo{FOLDER_SUFFIX}")
        days = list_show_days(venue)
        for number, truth in enumerate(truths):
            print(f"day {number + 1}: true, counted")
            print_both(truth, count_period(venue, days[number]))


if __name__ == "__main__":
    main()
