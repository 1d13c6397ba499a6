"""Cases for layout forecasts: a venue with one observed day, changed layouts, and what then happens.

``python -m tools.layout_truth.truth_cases FOLDER [--kind agents --seed 1 --change swap --days 20]`` writes
``FOLDER/KIND-SEED/venue.expoflow`` and, in a folder for each change, ``changed.geojson`` and ``truth.csv``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray, IntArray
from analytics.domain.clock import parse_utc
from app.analysis.import_tracks import Identities, import_tracks
from app.core.file_format import read_venue, write_venue
from app.plan.edit_venue import create_hall, import_geometry
from tools.layout_truth.broken_tracks import break_tracks
from tools.layout_truth.hall_ways import HallWays, find_ways
from tools.layout_truth.layout_changes import CHANGES, change_hall
from tools.layout_truth.planned_visitors import PlannedVisitors
from tools.layout_truth.routed_groups import GROUP_SHARES, GROUP_SIZES, RoutedGroups
from tools.layout_truth.satisficing_crowd import SatisficingCrowd
from tools.layout_truth.true_halls import (
    TrueHall,
    check_hall,
    draw_court_hall,
    draw_islands_hall,
    draw_rows_hall,
    write_plan,
)
from tools.layout_truth.visitor_legs import (
    Parties,
    ZoneTotals,
    count_samples,
    count_visits,
    expand_members,
    run_days,
    sample_day,
)

DATE, START_UTC = "2026-11-25", "2026-11-25T09:00:00Z"
OPEN_S = 8 * 3600.0
_LAST_ARRIVAL_S = 6.75 * 3600.0
VISITORS = 2000
FAIR_VISITORS, FAIR_OPEN_S, FAIR_DAYS = 300, 3600.0, 3
SENSOR_SIGMA_M = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class TrueDays:
    """Days of one layout; ``observed``: person, time and exact position of the first, ordered by both."""

    totals: ZoneTotals
    observed: tuple[IntArray, FloatArray, FloatArray] | None


@dataclass(frozen=True, slots=True)
class HallKind:
    """A kind of hall: its plan, and how many days of it are run."""

    draw_hall: Callable[[np.random.Generator], TrueHall]
    run: Callable[..., TrueDays]


def run_agents(hall: TrueHall, *, days: int, seed: int, layout: int, visitors: int = VISITORS) -> TrueDays:
    """Run days of single visitors with lists."""
    sizes = np.ones(visitors, np.int64)
    return _run_parties(hall, PlannedVisitors, sizes, days=days, seed=seed, layout=layout)


def run_groups(hall: TrueHall, *, days: int, seed: int, layout: int, visitors: int = VISITORS) -> TrueDays:
    """Run days of groups on routes."""
    rng = np.random.default_rng([seed, 5])
    sizes = rng.choice(GROUP_SIZES, size=visitors, p=GROUP_SHARES)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), visitors)) + 1]
    return _run_parties(hall, RoutedGroups, sizes, days=days, seed=seed, layout=layout)


def run_fair(hall: TrueHall, *, days: int, seed: int, layout: int, visitors: int = FAIR_VISITORS) -> TrueDays:
    """Run days of a small fair in JuPedSim, two hours each."""
    ways = find_ways(hall)
    totals, observed = [], None
    for day in range(days):
        rng = np.random.default_rng([seed, 7, layout, day])
        arrivals_s = rng.uniform(0.0, FAIR_OPEN_S, visitors)
        person, time_s, xy = SatisficingCrowd(hall, ways, rng).run(arrivals_s, end_s=FAIR_OPEN_S + 1800.0)
        day_of_person = np.zeros(visitors, np.int64)
        totals.append(count_samples(hall, person, time_s, xy, day_of_person, days=1))
        if layout == 0 and day == 0:
            observed = person, time_s, xy
    visits, person_s = (
        np.concatenate([getattr(total, name) for total in totals]) for name in ("visits", "person_s")
    )
    return TrueDays(ZoneTotals(visits, person_s), observed)


KINDS = {
    "fair": HallKind(draw_court_hall, run_fair),
    "agents": HallKind(draw_rows_hall, run_agents),
    "groups": HallKind(draw_islands_hall, run_groups),
}


def _run_parties(
    hall: TrueHall,
    rules: type[PlannedVisitors] | type[RoutedGroups],
    sizes: IntArray,
    *,
    days: int,
    seed: int,
    layout: int,
) -> TrueDays:
    """Run days of a layout; the same people come every day, with interests of another draw."""
    rng = np.random.default_rng([seed, 6, layout])
    ways = find_ways(hall)
    parties = _draw_parties(ways, len(hall.stands), sizes, days, rng)
    chosen = rules(hall, ways, parties, rng)
    legs = run_days(ways, parties, chosen, rng, end_s=OPEN_S)
    members = expand_members(legs, ways, parties, rng, least_share=chosen.least_share)
    day_of_person = np.repeat(parties.day, parties.size)
    totals = count_visits(hall, members, ways, day_of_person, days=days)
    observed = sample_day(members, ways, day_of_person == 0) if layout == 0 else None
    return TrueDays(totals, observed)


def _draw_parties(
    ways: HallWays, stands: int, sizes: IntArray, days: int, rng: np.random.Generator
) -> Parties:
    count = len(sizes) * days
    # most come before noon
    share = rng.beta(1.3, 2.0, count)
    entrance = rng.choice(ways.entrances, size=count, p=ways.entrance_shares)
    arrived_s = share * _LAST_ARRIVAL_S
    return Parties(
        day=np.repeat(np.arange(days), len(sizes)),
        size=np.concatenate([rng.permutation(sizes) for _ in range(days)]),
        speed_m_s=np.clip(rng.normal(1.1, 0.15, count), 0.7, 1.5),
        arrived_s=arrived_s,
        node=entrance.copy(),
        goal=entrance.copy(),
        stand=np.full(count, -1, np.int64),
        visited=np.zeros((count, stands), bool),
        clock_s=arrived_s.copy(),
    )


def write_cases(
    folder: Path, *, kind: str, seed: int, changes: Sequence[str], days: int, visitors: int | None = None
) -> None:
    """Write the venue of a hall, and a folder for each change of its layout."""
    own = KINDS[kind]
    options = {} if visitors is None else {"visitors": visitors}
    hall = own.draw_hall(np.random.default_rng([seed, 1]))
    check_hall(hall)
    place = folder / f"{kind}-{seed}"
    place.mkdir(parents=True, exist_ok=True)
    # one day is observed, and no part of the mean
    before = own.run(hall, days=days + 1, seed=seed, layout=0, **options)
    assert before.observed is not None
    write_venue_folder(place, hall, before.observed, seed)
    write_plan(place / "layout.geojson", hall)
    observed, later = _split_days(before.totals)
    _write_table(place / "observed.csv", hall, observed)
    for name in ("same", "redrawn"):
        case = place / name
        case.mkdir(exist_ok=True)
        redrawn = np.random.default_rng([seed, 2]) if name == "redrawn" else None
        write_plan(case / "changed.geojson", hall, redrawn=redrawn)
        _write_truth(case, (hall, later), (hall, later), "nothing changed")
    for change in changes:
        case = place / change.replace(" ", "-")
        case.mkdir(exist_ok=True)
        number = 1 + list(CHANGES).index(change)
        changed, what = change_hall(hall, change, np.random.default_rng([seed, 3, number]))
        check_hall(changed)
        after = own.run(changed, days=days, seed=seed, layout=number, **options)
        write_plan(case / "changed.geojson", changed)
        _write_truth(case, (hall, later), (changed, after.totals), what)
        print(f"{place.name} {change}: {what}", flush=True)


def write_venue_folder(
    place: Path, hall: TrueHall, observed: tuple[IntArray, FloatArray, FloatArray], seed: int
) -> None:
    """Write a venue whose history holds one day of positions as a sensor gives them."""
    person, time_s, xy = observed
    rng = np.random.default_rng([seed, 4])
    measured = xy + rng.normal(0.0, SENSOR_SIGMA_M, xy.shape)
    measured = np.clip(measured, 0.01, np.array(hall.size_m) - 0.01)
    columns = {"time_s": time_s, "track_id": person, "x_m": measured[:, 0], "y_m": measured[:, 1]}
    table = pd.DataFrame(columns).astype({"x_m": "float32", "y_m": "float32"})
    table["sigma_m"] = np.float32(SENSOR_SIGMA_M)
    table.to_parquet(place / "tracks.parquet", index=False)
    _fill_venue(place / "venue.expoflow", hall, place / "tracks.parquet", Identities.PERSONS)


def write_camera_venue(place: Path, hall: TrueHall, seed: int) -> Path:
    """Write and return a venue with the same day, as simulated cameras give it."""
    tracks = pd.read_parquet(place / "tracks.parquet")
    broken = break_tracks(tracks, np.random.default_rng([seed, 8]), sigma_m=SENSOR_SIGMA_M)
    broken.to_parquet(place / "tracklets.parquet", index=False)
    folder = place / "cameras.expoflow"
    _fill_venue(folder, hall, place / "tracklets.parquet", Identities.TRACKLETS)
    return folder


def _fill_venue(folder: Path, hall: TrueHall, file: Path, identities: Identities) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    create_hall(folder, name=file.parent.name, time_zone="UTC", size_m=hall.size_m)
    write_venue(replace(read_venue(folder), plan=hall.make_plan()))
    import_geometry(folder, hall.make_geometry(), valid_from_utc_s=None)
    import_tracks(
        into=read_venue(folder),
        file=file,
        sensor="lidar",
        start_utc_s=parse_utc(START_UTC),
        identities=identities,
    )


def _split_days(totals: ZoneTotals) -> tuple[ZoneTotals, ZoneTotals]:
    """Return the first day and the others."""
    first = ZoneTotals(totals.visits[:1], totals.person_s[:1])
    return first, ZoneTotals(totals.visits[1:], totals.person_s[1:])


def _write_table(file: Path, hall: TrueHall, totals: ZoneTotals) -> None:
    names = [(str(zone.name), zone.kind.value) for zone in hall.zones]
    table = pd.DataFrame(names, columns=["zone", "kind"])
    table["visits"], table["person_s"] = totals.visits.mean(axis=0), totals.person_s.mean(axis=0)
    table.round(2).to_csv(file, index=False)


def _write_truth(
    case: Path, before: tuple[TrueHall, ZoneTotals], after: tuple[TrueHall, ZoneTotals], what: str
) -> None:
    """Write ``truth.csv``: means of the days by zone; noise: the root mean square difference of two days."""
    rows: dict[str, dict[str, object]] = {}
    for side, (hall, totals) in (("a", before), ("b", after)):
        for index, zone in enumerate(hall.zones):
            row = rows.setdefault(str(zone.name), {"zone": str(zone.name), "kind": zone.kind.value})
            for title, values in (("visits", totals.visits), ("person_s", totals.person_s)):
                own = values[:, index]
                row[f"{title}_{side}"] = own.mean()
                row[f"{title}_noise_{side}"] = np.sqrt(2.0) * own.std(ddof=1)
    table = pd.DataFrame(rows.values())
    for title in ("visits", "person_s"):
        both = table[[f"{title}_noise_a", f"{title}_noise_b"]]
        table[f"{title}_noise"] = np.sqrt((both**2).mean(axis=1))
        table[[f"{title}_a", f"{title}_b"]] = table[[f"{title}_a", f"{title}_b"]].fillna(0.0)
    titles = ["visits_a", "visits_b", "visits_noise", "person_s_a", "person_s_b", "person_s_noise"]
    table[["zone", "kind", *titles]].round(2).to_csv(case / "truth.csv", index=False)
    days = {"a": len(before[1].visits), "b": len(after[1].visits)}
    (case / "case.json").write_text(json.dumps({"what": what, "days": days}) + "\n")
    np.savez(case / "days.npz", visits_a=before[1].visits, visits_b=after[1].visits)


def main() -> None:
    """Write cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", choices=[*KINDS], action="append")
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--change", choices=[*CHANGES], action="append")
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--visitors", type=int)
    chosen = parser.parse_args()
    for kind in chosen.kind or KINDS:
        for seed in chosen.seed or (1, 2, 3):
            started = time.perf_counter()
            write_cases(
                chosen.folder,
                kind=kind,
                seed=seed,
                changes=chosen.change or [*CHANGES],
                days=chosen.days,
                visitors=chosen.visitors,
            )
            print(f"{kind} {seed}: {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
