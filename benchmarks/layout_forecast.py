"""How far the forecast of a changed layout is from what then happens, in simulated halls of three kinds.

The halls and their visitors (``tools.layout_truth``) know nothing of the forecast's model. One day is
observed; what happens is the mean of many days in the changed layout.

``python -m benchmarks.layout_forecast FOLDER [--kind agents --seed 1 --change swap]``: cases that the folder
lacks are made, ``python -m app forecast`` runs on each, and the tables are printed, and written as
``results.md`` with every stand in ``stands.csv``. ``--calibrate`` also prints the errors of
``analytics.forecast.layout_forecast`` that fit best; run it on halls that are not used to judge by.

``--whole-share 0.6``, several times: forecasts from itineraries that break until this share of the arrivals
and departures is seen. ``--cameras``: from the same day through simulated cameras, refused ones too.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from analytics.domain.arrays import FloatArray
from analytics.forecast.hindcast import MAX_CHANGE_SD
from analytics.forecast.itineraries import Itineraries
from analytics.forecast.layout import layout_from_plan
from analytics.forecast.layout_forecast import CHANGE_SD, DRAWS, SYSTEMATIC_SD, forecast_layout, make_basis
from app.core.file_format import read_venue
from app.core.periods import parse_period
from app.facts.period_facts import read_period_facts
from app.forecast.forecast_layout import TABLES, observe_zones, read_changed_plan, read_itineraries
from tools.layout_truth.broken_tracks import break_itineraries
from tools.layout_truth.hall_ways import find_ways
from tools.layout_truth.layout_changes import CHANGES, change_hall
from tools.layout_truth.true_halls import TrueHall
from tools.layout_truth.truth_cases import DATE, FAIR_DAYS, KINDS, write_camera_venue, write_cases
from tools.layout_truth.visitor_legs import label_zones

SEEDS = (1, 2, 3)
VENUE, CAMERA_VENUE = "venue.expoflow", "cameras.expoflow"
_UNCHANGED = ("same", "redrawn")
_LONG_S = 5.0
"""A stay of so long in a zone is a stop, for the baselines."""
BREAK_DRAWS = 2
"""Times that a day's itineraries are broken."""
STAYING_BREAKS = 1 / 3
"""Breaks in a second of a stop over those in one of walking, as through the simulated cameras."""


@dataclass(frozen=True, slots=True)
class Case:
    """One changed layout of one hall."""

    folder: Path
    kind: str
    seed: int
    change: str


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Moves of the observed day: from stand (the last row: from outside) to stand (the last column: out)."""

    counts: FloatArray
    names: tuple[str, ...]


def list_cases(
    folder: Path, kinds: Sequence[str], seeds: Sequence[int], changes: Sequence[str]
) -> list[Case]:
    """Return the cases that are there."""
    cases = [
        Case(folder / f"{kind}-{seed}" / change.replace(" ", "-"), kind, seed, change)
        for kind in kinds
        for seed in seeds
        for change in changes
    ]
    return [case for case in cases if (case.folder / "truth.csv").exists()]


def forecast_case(case: Case, *, keeps: bool) -> tuple[pd.DataFrame | None, float, str]:
    """Run the command; return its table, its duration in seconds, and its words if it refuses.

    Args:
        keeps: whether to take the forecast of an earlier run, where there is one.
    """
    out = case.folder / "forecast.csv"
    if keeps and out.exists():
        return pd.read_csv(out), np.nan, ""
    out.unlink(missing_ok=True)
    started = time.perf_counter()
    command = [sys.executable, "-m", "app", "forecast", "--venue", str(case.folder.parent / VENUE)]
    command += ["--from", DATE, "--to", DATE, "--layout", str(case.folder / "changed.geojson")]
    done = subprocess.run([*command, "--out", str(out)], capture_output=True, text=True, check=False)
    took_s = time.perf_counter() - started
    words = (done.stderr.strip() or done.stdout.strip())[-400:]
    return (pd.read_csv(out) if out.exists() else None), took_s, words


def count_moves(folder: Path, hall: TrueHall) -> Moves:
    """Count the moves between stands in the positions that were measured."""
    tracks = pd.read_parquet(folder / "tracks.parquet")
    label = label_zones(hall, tracks[["x_m", "y_m"]].to_numpy(np.float64))
    stands = len(hall.stands)
    person, time_s = tracks["track_id"].to_numpy(), tracks["time_s"].to_numpy()
    begins = np.flatnonzero(np.concatenate([[True], (person[1:] != person[:-1]) | (label[1:] != label[:-1])]))
    lasts_s = time_s[np.concatenate([begins[1:], [len(label)]]) - 1] - time_s[begins]
    chosen = (label[begins] >= 0) & (label[begins] < stands) & (lasts_s >= _LONG_S)
    who, where = person[begins][chosen], label[begins][chosen]
    counts = np.zeros((stands + 1, stands + 1))
    is_first = np.concatenate([[True], who[1:] != who[:-1]])
    is_last = np.concatenate([is_first[1:], [True]])
    np.add.at(counts, (stands, where[is_first]), 1.0)
    np.add.at(counts, (where[is_last], stands), 1.0)
    onward = ~is_last
    np.add.at(counts, (where[onward], where[np.flatnonzero(onward) + 1]), 1.0)
    np.fill_diagonal(counts, 0.0)
    return Moves(counts, tuple(stand.name for stand in hall.stands))


def measure_ways(hall: TrueHall) -> FloatArray:
    """Return the ways between stands, and from and to the doors in the last row and column, in metres."""
    ways, stands = find_ways(hall), len(hall.stands)
    between = np.zeros((stands + 1, stands + 1))
    for index in range(stands):
        own = np.flatnonzero(ways.stand == index)
        between[index, :stands] = ways.measure_to_stands(own).min(axis=0)
        between[index, stands] = ways.length_m[np.ix_(own, ways.exits)].min()
    between[stands, :stands] = ways.entrance_shares @ ways.measure_to_stands(ways.entrances)
    return between


def forecast_by_transitions(moves: Moves, after: TrueHall) -> FloatArray:
    """Return what a fixed transition matrix makes of the stands' visits, relative to today's."""
    names = [stand.name for stand in after.stands]
    kept = [moves.names.index(name) for name in names if name in moves.names]
    before = _expected_visits(moves.counts)
    index = [*kept, len(moves.names)]
    left = _expected_visits(moves.counts[np.ix_(index, index)])
    return _spread(names, moves, kept, left[: len(kept)] / np.maximum(before[kept], 1e-9))


def forecast_by_balanced_gravity(
    moves: Moves, after: TrueHall, way_m: FloatArray, way_after_m: FloatArray
) -> FloatArray:
    """Return the same from doubly constrained gravity: leavers and comers of each stand are as observed."""
    names = [stand.name for stand in after.stands]
    kept = [moves.names.index(name) for name in names if name in moves.names]
    beta = _fit_gravity(moves, way_m)[1]
    index = [*kept, len(moves.names)]
    rows, columns = moves.counts.sum(axis=1)[index], moves.counts.sum(axis=0)[index]
    columns = columns * rows.sum() / columns.sum()
    chosen = [names.index(moves.names[k]) for k in kept]
    table = np.exp(-beta * way_after_m[np.ix_([*chosen, -1], [*chosen, -1])])
    np.fill_diagonal(table, 0.0)
    for _ in range(200):
        table *= (rows / np.maximum(table.sum(axis=1), 1e-12))[:, None]
        table *= columns / np.maximum(table.sum(axis=0), 1e-12)
    ratio = table.sum(axis=0)[:-1] / np.maximum(moves.counts.sum(axis=0)[kept], 1e-9)
    return _spread(names, moves, kept, ratio)


def forecast_by_gravity(
    moves: Moves, after: TrueHall, way_m: FloatArray, way_after_m: FloatArray
) -> FloatArray:
    """Return the same from gravity that only origins constrain: a multinomial logit of attraction and way."""
    names = [stand.name for stand in after.stands]
    kept = [moves.names.index(name) for name in names if name in moves.names]
    pull, beta = _fit_gravity(moves, way_m)
    before = _expected_visits(_make_gravity(pull, beta, way_m), starts=moves.counts[-1].sum())
    usual = float(np.median(pull[:-1]))
    pull_after = np.array(
        [pull[moves.names.index(name)] if name in moves.names else usual for name in names] + [pull[-1]]
    )
    left = _expected_visits(_make_gravity(pull_after, beta, way_after_m), starts=moves.counts[-1].sum())
    chosen = [names.index(moves.names[k]) for k in kept]
    return _spread(names, moves, kept, left[chosen] / np.maximum(before[kept], 1e-9))


def _make_gravity(pull: FloatArray, beta: float, way_m: FloatArray) -> FloatArray:
    weights: FloatArray = np.exp(pull - beta * way_m)
    np.fill_diagonal(weights, 0.0)
    return weights


def _fit_gravity(moves: Moves, way_m: FloatArray) -> tuple[FloatArray, float]:
    """Fit attraction and decay with distance by maximum likelihood, with a small ridge."""
    counts, stands = moves.counts, len(moves.names)
    hidden = np.eye(stands + 1, dtype=bool)

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        score = np.where(hidden, -np.inf, np.append(theta[:-1], 0.0) - theta[-1] * way_m)
        share = np.exp(score - score.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        rest = counts - counts.sum(axis=1, keepdims=True) * share
        value = -float((counts * np.log(np.where(hidden, 1.0, share))).sum()) + 0.05 * float(theta @ theta)
        gradient = np.append(-rest.sum(axis=0)[:-1], (rest * way_m).sum()) + 0.1 * theta
        return value, gradient

    found = minimize(loss, np.zeros(stands + 1), jac=True, method="L-BFGS-B")
    return np.append(found.x[:-1], 0.0), float(found.x[-1])


def _expected_visits(weights: FloatArray, *, starts: float | None = None) -> FloatArray:
    """Return the expected visits of an absorbing chain; the last row is outside, the last column out."""
    share = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    first = share[-1, :-1] * (weights[-1].sum() if starts is None else starts)
    inner = share[:-1, :-1]
    visits: FloatArray = np.linalg.solve(np.eye(len(inner)) - inner.T, first)
    return visits


def _spread(names: list[str], moves: Moves, kept: list[int], ratio: FloatArray) -> FloatArray:
    """Return ratios by stand of the changed hall; NaN for new stands."""
    by_name = dict(zip((moves.names[k] for k in kept), ratio.tolist(), strict=True))
    return np.array([by_name.get(name, np.nan) for name in names])


def score_case(case: Case, forecast: pd.DataFrame, *, has_baselines: bool = True) -> pd.DataFrame:
    """Return a row for each zone with truth, forecast and baselines; removed stands are left out.

    Args:
        has_baselines: whether to compute those other than no change.
    """
    table = pd.read_csv(case.folder / "truth.csv").merge(
        forecast.drop(columns="kind", errors="ignore"), on="zone", how="left"
    )
    after = make_halls(case)[1]
    names = [stand.name for stand in after.stands]
    ratios = dict.fromkeys(("no_change", "transitions", "balanced_gravity", "gravity"), np.ones(len(names)))
    if has_baselines:
        moves, way_m = _describe_before(case.folder.parent, case.kind, case.seed)
        way_after_m = measure_ways(after)
        ratios["transitions"] = forecast_by_transitions(moves, after)
        ratios["balanced_gravity"] = forecast_by_balanced_gravity(moves, after, way_m, way_after_m)
        ratios["gravity"] = forecast_by_gravity(moves, after, way_m, way_after_m)
    table["is_new"] = table["visits_a"] == 0
    usual = table.loc[
        (table["kind"] == "booth") & ~table["is_new"], ["visits_before", "person_s_before"]
    ].mean()
    for name, ratio in ratios.items():
        own = table["zone"].map(dict(zip(names, ratio, strict=True))).fillna(1.0)
        for title in ("visits", "person_s"):
            based = table[f"{title}_before"].where(~table["is_new"], usual[f"{title}_before"])
            table[f"{title}_{name}"] = based * own
    table = table[table["visits_b"] > 0].copy()
    table["days"] = json.loads((case.folder / "case.json").read_text())["days"]["b"]
    table.insert(0, "change", case.change)
    table.insert(0, "seed", case.seed)
    table.insert(0, "hall", case.kind)
    return table


@lru_cache(maxsize=1)
def _describe_before(folder: Path, kind: str, seed: int) -> tuple[Moves, FloatArray]:
    hall = KINDS[kind].draw_hall(np.random.default_rng([seed, 1]))
    return count_moves(folder, hall), measure_ways(hall)


def make_halls(case: Case) -> tuple[TrueHall, TrueHall]:
    """Return a case's hall before and after, drawn again from its seed."""
    before = KINDS[case.kind].draw_hall(np.random.default_rng([case.seed, 1]))
    if case.change in _UNCHANGED:
        return before, before
    number = 1 + list(CHANGES).index(case.change)
    return before, change_hall(before, case.change, np.random.default_rng([case.seed, 3, number]))[0]


def summarise(rows: pd.DataFrame, title: str = "visits") -> dict[str, float]:
    """Return the scores of some stands, shares and ratios."""
    real, found = rows[f"{title}_b"], rows[title]
    is_changed = (real - rows[f"{title}_a"]).abs() > rows[f"{title}_noise"]
    # the noise of a stand that is new is that of its days, and all of it is change
    scores: dict[str, float] = {"stands": len(rows), "changed": int(is_changed.sum())}

    def error(column: str, chosen: pd.Series) -> float:
        total = float(real[chosen].sum())
        return float((rows[column] - real)[chosen].abs().sum()) / total if total else np.nan

    every = pd.Series(True, index=rows.index)
    for name in ("", "_no_change", "_balanced_gravity", "_transitions", "_gravity"):
        scores[f"changed{name or '_forecast'}"] = error(f"{title}{name}", is_changed)
        scores[f"all{name or '_forecast'}"] = error(f"{title}{name}", every)
    low, high = rows[f"{title}_low"], rows[f"{title}_high"]
    scores["held"] = float(((low <= real) & (real <= high)).mean())
    scores["half_width"] = float(((high - low) / 2 / found.clip(lower=1e-9)).median())
    old = ~rows["is_new"] & (found > 0) & (rows[f"{title}_before"] > 0)
    real_log = np.log(real[old] / rows.loc[old, f"{title}_a"])
    found_log = np.log(found[old] / rows.loc[old, f"{title}_before"])
    spread = float((found_log**2).sum())
    scores["slope"] = float((found_log * real_log).sum()) / spread if spread > 1e-6 else np.nan
    signs = np.sign(real_log) == np.sign(found_log)
    scores["signs"] = float(signs[is_changed[old]].mean()) if is_changed[old].any() else np.nan
    return scores


def score_unchanged(case: Case, forecast: pd.DataFrame) -> tuple[float, float]:
    """Return the error of an unchanged plan over the difference of two days, and the bias of its visits."""
    days = np.load(case.folder / "days.npz")["visits_a"]
    truth = pd.read_csv(case.folder / "truth.csv")
    is_stand = (truth["kind"] != "aisle").to_numpy()
    found = truth[["zone"]].merge(forecast, on="zone", how="left")["visits"].to_numpy()[is_stand]
    days = days[:, is_stand]
    noise = np.mean([np.abs(days[i] - days[j]).sum() for i in range(len(days)) for j in range(i)])
    observed = pd.read_csv(case.folder.parent / "observed.csv")["visits"].to_numpy()[is_stand]
    return float(np.abs(found - days).sum(axis=1).mean() / noise), float(found.sum() / observed.sum())


def format_table(rows: pd.DataFrame, by: list[str], title: str) -> list[str]:
    """Return a Markdown table of scores by some columns, with all together."""
    lines = [
        "| "
        + " | ".join(by)
        + " | stands | changed beyond noise | their error | no change | plain gravity | ratio "
        "| all stands | no change | plain gravity | held | half-width | slope | signs |",
        "|" + "---|" * (len(by) + 13),
    ]
    groups = [*rows.groupby(by, sort=False), (("all",) * len(by), rows)]
    for key, part in groups:
        s = summarise(part, title)
        cells = [*(key if isinstance(key, tuple) else (key,)), f"{s['stands']}", f"{s['changed']}"]
        cells += [
            f"{100 * s[name]:.1f} %" for name in ("changed_forecast", "changed_no_change", "changed_gravity")
        ]
        cells += [f"{s['changed_forecast'] / s['changed_no_change']:.2f}" if s["changed"] else ""]
        cells += [f"{100 * s[name]:.1f} %" for name in ("all_forecast", "all_no_change", "all_gravity")]
        cells += [f"{100 * s['held']:.0f} %", f"{100 * s['half_width']:.0f} %", f"{s['slope']:.2f}"]
        cells += [f"{100 * s['signs']:.0f} %"]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return lines


def score_broken(cases: Sequence[Case], venue: str, share: float | None) -> tuple[float, pd.DataFrame]:
    """Return the whole share of a hall's day, and the scores of forecasts from it, refused ones too.

    Args:
        cases: of one hall.
        share: of arrivals and departures that are seen once the itineraries are broken; None: as observed,
            and only then with intervals.
    """
    observed = read_venue(cases[0].folder.parent / venue)
    period_s = parse_period(observed.exhibition, DATE, DATE)
    facts = read_period_facts(venue=observed, period_s=period_s, names=TABLES)
    assert facts is not None
    layout = layout_from_plan(facts.plan, facts.geometry)
    whole, zones = read_itineraries(facts, layout), observe_zones(facts, layout)
    shares, scored = [], []
    for draw in range(1 if share is None else BREAK_DRAWS):
        rng = np.random.default_rng([cases[0].seed, 9, draw])
        seen = whole if share is None else break_until(whole, share, rng)
        basis = make_basis(seen, layout, zones, least_whole_share=0.0)
        shares.append(basis.whole_share)
        for case in cases:
            file = case.folder / "changed.geojson"
            after = layout_from_plan(*read_changed_plan(file, facts.plan, facts.geometry))
            forecast = forecast_layout(basis, after, draws=DRAWS if share is None else 1)
            rows = [dataclasses.asdict(row) for row in forecast.rows]
            scored.append(
                score_case(case, pd.DataFrame(rows).drop(columns="note").infer_objects(), has_baselines=False)
            )
    return float(np.mean(shares)), pd.concat(scored, ignore_index=True)


def break_until(whole: Itineraries, share: float, rng: np.random.Generator) -> Itineraries:
    """Return itineraries that break so often that this share of the arrivals and departures is seen."""
    known = float(np.concatenate([whole.is_start_seen, whole.is_end_seen]).mean())
    stood_s = float((whole.left_utc_s - whole.entered_utc_s)[whole.stopped].sum())
    walked_s = float((whole.end_utc_s - whole.start_utc_s).sum()) - stood_s
    breaks = len(whole) * max(known / share - 1.0, 0.0)
    per_s = breaks / (walked_s + STAYING_BREAKS * stood_s)
    return break_itineraries(whole, rng, walking_per_s=per_s, staying_per_s=STAYING_BREAKS * per_s)


def list_broken(cases: Sequence[Case], venue: str, shares: Sequence[float | None]) -> list[str]:
    """Return the lines of a table of forecasts from broken itineraries, by hall and share."""
    lines = [
        "| hall | whole share | changed stands | no change | ratio | all stands | no change | held |",
        "|" + "---|" * 8,
    ]
    for name in dict.fromkeys(case.folder.parent.name for case in cases):
        own = [case for case in cases if case.folder.parent.name == name]
        for share in shares:
            seen, rows = score_broken(own, venue, share)
            s = summarise(rows[rows["kind"] != "aisle"])
            errors = s["changed_forecast"], s["changed_no_change"]
            cells = [name, f"{100 * seen:.0f} %"]
            cells += [f"{100 * error:.1f} %" for error in errors] + [f"{errors[0] / errors[1]:.2f}"]
            cells += [f"{100 * s[key]:.1f} %" for key in ("all_forecast", "all_no_change")]
            cells.append(f"{100 * s['held']:.0f} %" if share is None else "")
            lines.append("| " + " | ".join(cells) + " |")
            print(lines[-1], file=sys.stderr, flush=True)
    return lines


def calibrate(folder: Path) -> str:
    """Return the errors by which the visits of the last run's stands are likeliest; kinds count alike."""
    rows = pd.read_csv(folder / "stands.csv")
    rows = rows[(rows["kind"] != "aisle") & ~rows["is_new"] & (rows["visits_before"] > 0)]
    # where a stand was removed, intervals also hold what its visitors might do
    rows = rows[(rows["change"] != "removal") & (rows["visits"] > 0)]
    names = ("_before", "", "_b", "_low", "_high", "_noise")
    before, found, real, low, high, noise = (rows[f"visits{name}"].to_numpy(np.float64) for name in names)
    rest, change = np.log(real / found), np.log(found / before)
    stated = (np.log(high / np.maximum(low, 1e-9)) / 2 / 1.96) ** 2
    known = np.maximum(stated - SYSTEMATIC_SD**2 - (CHANGE_SD * change) ** 2, 0.0)
    # two days differ by the noise; the truth is the mean of several
    known += (noise / real) ** 2 / 2 / rows["days"].to_numpy()
    weight = 1.0 / rows.groupby("hall")["hall"].transform("size").to_numpy(np.float64)

    def measure_loss(constant: float, per_change: float) -> float:
        variance = known + constant**2 + (per_change * change) ** 2
        return float((weight * (np.log(variance) + rest**2 / variance)).sum())

    grid = [(c, k) for c in np.arange(0.01, 0.155, 0.005) for k in np.arange(0.1, MAX_CHANGE_SD + 0.01, 0.05)]
    constant, per_change = min(grid, key=lambda one: measure_loss(*one))
    return f"{len(rows)} stands: SYSTEMATIC_SD = {constant:.3f}, CHANGE_SD = {per_change:.2f}"


def run(
    folder: Path,
    kinds: Sequence[str],
    seeds: Sequence[int],
    changes: Sequence[str],
    *,
    keeps: bool = False,
) -> list[str]:
    """Run all cases, and return the report's lines."""
    started = time.perf_counter()
    scored, lines, refused, took = [], [], [], []
    unchanged = []
    for case in list_cases(folder, kinds, seeds, [*_UNCHANGED, *changes]):
        forecast, took_s, words = forecast_case(case, keeps=keeps)
        took.append(took_s)
        if forecast is None:
            refused.append(f"- {case.folder.parent.name} {case.change}: {words}")
            continue
        name = case.folder.parent.name
        if case.change == "same":
            ratio, bias = score_unchanged(case, forecast)
            unchanged.append(
                f"- {name}: {ratio:.2f} of the noise between two days; visits {bias:.3f} of the true"
            )
        elif case.change == "redrawn":
            moved = (forecast["visits"] / forecast["visits_before"] - 1).abs().max()
            unchanged.append(f"- {name}, drawn again within 5 cm: greatest change {100 * moved:.2f} %")
        else:
            scored.append(score_case(case, forecast))
        print(f"{name} {case.change}: {took_s:.0f} s", file=sys.stderr, flush=True)
    if scored:
        rows = pd.concat(scored, ignore_index=True)
        rows.round(3).to_csv(folder / "stands.csv", index=False)
        stands = rows[rows["kind"] != "aisle"]
        for heading, part, title in (
            ("Visits of stands", stands, "visits"),
            ("Person-seconds of stands", stands, "person_s"),
            ("Visits of aisles", rows[rows["kind"] == "aisle"], "visits"),
        ):
            if len(part):
                lines += ["", f"## {heading}", *format_table(part, ["hall"], title)]
                lines += ["", *format_table(part, ["hall", "change"], title)]
        lines += ["", "## All baselines, visits of stands", json.dumps(summarise(stands), default=float)]
    lines += ["", "## Unchanged layout", *unchanged]
    if refused:
        lines += ["", "## No forecast", *refused]
    lines += [
        "",
        f"{len(took)} forecasts, median {np.nanmedian(took):.1f} s; {time.perf_counter() - started:.0f} s.",
    ]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", choices=[*KINDS], action="append")
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--change", choices=[*CHANGES], action="append")
    parser.add_argument("--only-ready", action="store_true", help="make no cases")
    parser.add_argument("--keep-forecasts", action="store_true", help="take those of an earlier run")
    parser.add_argument("--days", type=int, help="days of the mean of cases that are made")
    parser.add_argument("--calibrate", action="store_true", help="print the errors that fit best")
    parser.add_argument("--cameras", action="store_true", help="observe through simulated cameras' errors")
    parser.add_argument("--whole-share", type=float, action="append", help="break itineraries until then")
    chosen = parser.parse_args()
    kinds, seeds, changes = chosen.kind or [*KINDS], chosen.seed or SEEDS, chosen.change or [*CHANGES]
    if not chosen.only_ready:
        for kind in kinds:
            for seed in seeds:
                if not (chosen.folder / f"{kind}-{seed}" / "closed-aisle" / "truth.csv").exists():
                    days = chosen.days or (FAIR_DAYS if kind == "fair" else 20)
                    write_cases(chosen.folder, kind=kind, seed=seed, changes=changes, days=days)
    if chosen.cameras or chosen.whole_share:
        cases = list_cases(chosen.folder, kinds, seeds, changes)
        for case in cases if chosen.cameras else ():
            if not (case.folder.parent / CAMERA_VENUE).exists():
                write_camera_venue(case.folder.parent, make_halls(case)[0], case.seed)
        venue = CAMERA_VENUE if chosen.cameras else VENUE
        print("\n".join(list_broken(cases, venue, chosen.whole_share or [None])))
        return
    lines = run(chosen.folder, kinds, seeds, changes, keeps=chosen.keep_forecasts)
    if chosen.calibrate:
        lines += ["", calibrate(chosen.folder)]
    (chosen.folder / "results.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
