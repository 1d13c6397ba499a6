"""Computes the tables of ten minutes of a venue, and writes them as pickles into a folder."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from analytics.rollups.tables import TABLES
from analytics.store.sql_event_store import open_reader
from app.core.file_format import read_venue
from app.facts.period_stretches import plan_stretches
from app.facts.prepared_facts import compute_stretch
from tests.support.processor_kernels import find_kernel

PART_S = 600.0


def main(folder: Path, start_s: float, into: Path) -> None:
    venue = read_venue(folder)
    period_s = start_s, start_s + PART_S
    reader = open_reader(folder)
    try:
        (day,) = plan_stretches(venue=venue, reader=reader, period_s=period_s, now_utc_s=period_s[1] + 600.0)
        facts = compute_stretch(venue, reader, replace(day, period_s=period_s), tuple(TABLES))
    finally:
        reader.close()
    into.mkdir()
    for name, table in facts.tables.items():
        table.to_pickle(into / f"{name}.pickle")
    sys.stdout.write(json.dumps(find_kernel()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
