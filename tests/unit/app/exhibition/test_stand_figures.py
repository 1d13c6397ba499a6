"""Fair rents and targets of stands that changed, were partly closed or observed differently."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.zone import Zone
from analytics.domain.zone_targets import ZoneTargets
from analytics.exhibition.stand_value import PriceVerdict
from analytics.places.place_value import FEW_STANDS, refuse
from analytics.rollups.period_facts import PeriodFacts, StretchFacts, join_stretches
from analytics.rollups.tables import (
    LINE_MINUTE_COLUMN_NAMES,
    WAY_COLUMN_NAMES,
    WAY_STEP_COLUMN_NAMES,
    ZONE_USE_COLUMN_NAMES,
)
from analytics.rollups.zone_blocks import ZONE_BLOCK_COLUMN_NAMES
from app.core.document import Venue, VenueCamera
from app.exhibition.exhibition_analysis import describe_exhibition
from app.exhibition.exhibition_figures import StandRow, ValueBasis
from app.facts.camera_views import find_camera_views
from tests.support.halls.walked_hall import make_hall
from tests.support.reports.made_facts import FLOOR_WH_M, make_box, make_stands

FIRST_DAY = date(2026, 3, 2)
STEP_S = 300.0
STANDS = 12
MOVED = 4
RENT = 1000.0
NAMES = tuple(f"S{number + 1}" for number in range(STANDS))


@dataclass(frozen=True)
class FairDay:
    """One day, open from 9 for a number of hours.

    Attributes:
        per_hour: visitors who come near each stand in an hour, by its name.
        unseen: the hours of the day, from 0, in which the cameras of the right half are off.
    """

    hours: int
    per_hour: Mapping[str, float]
    unseen: tuple[int, ...] = ()


def make_rates(scale: float, *, moved: float = 1.0) -> dict[str, float]:
    """Return between 20 and 42 visitors an hour; moved stands have another factor."""
    return {
        name: scale * (20.0 + 2.0 * number) * (moved if number < MOVED else 1.0)
        for number, name in enumerate(NAMES)
    }


def make_venue(folder: Path, days: Sequence[FairDay]) -> Venue:
    """Return a fair of twelve stands, with a camera for each half."""
    width, depth = FLOOR_WH_M
    cameras = []
    for name, left, right in (("left", 0.0, width / 2), ("right", width / 2, width)):
        corners = [(left, 0.0), (right, 0.0), (right, depth), (left, depth)]
        pairs = tuple(
            PointPair(u, v, x, y)
            for (u, v), (x, y) in zip([(0, 1080), (1920, 1080), (1920, 0), (0, 0)], corners, strict=True)
        )
        cameras.append(VenueCamera(Camera(CameraId(name), frame_size_wh=(1920, 1080), pairs=pairs)))
    hours = tuple(
        OpeningHours(FIRST_DAY + timedelta(days=number), time(9), time(9 + day.hours))
        for number, day in enumerate(days)
    )
    return dataclasses.replace(
        make_hall(folder),
        exhibition=Exhibition("Fair", "UTC", hours),
        plan=FloorPlan(make_box(0, 0, width, depth)),
        cameras=tuple(cameras),
        geometry_versions=(FloorGeometry(make_stands(STANDS)),),
        targets=tuple(ZoneTargets(ZoneId(name), rent=RENT, visits_per_day=100.0) for name in NAMES),
    )


def make_facts(
    venue: Venue, days: Sequence[FairDay], *, seed: int = 0, lacks: str = "", changes: bool = True
) -> PeriodFacts:
    """Return facts of days; all but the last have other outlines of the first four stands.

    Args:
        lacks: a stand that is there on the last day only.
    """
    random = np.random.default_rng(seed)
    now = venue.geometry_versions[-1]
    stretches = []
    for number, day in enumerate(days):
        geometry = now if number == len(days) - 1 or not changes else _change(now, lacks=lacks)
        stretches.append(_make_stretch(number, day, geometry, random))
    return join_stretches(
        stretches,
        period_s=(stretches[0].start_utc_s, stretches[-1].end_utc_s),
        plan=venue.plan,
        views=find_camera_views(venue),
        geometry=now,
    )


def _change(geometry: FloorGeometry, *, lacks: str) -> FloorGeometry:
    def move(zone: Zone) -> Zone:
        points = zone.outline.points
        return dataclasses.replace(
            zone, outline=make_box(points[0][0], points[0][1], points[2][0], points[2][1] - 1)
        )

    moved = [move(zone) if str(zone.name) in NAMES[:MOVED] else zone for zone in geometry.zones]
    return FloorGeometry(tuple(zone for zone in moved if str(zone.name) != lacks))


def _make_stretch(
    number: int, day: FairDay, geometry: FloorGeometry, random: np.random.Generator
) -> StretchFacts:
    opens_s = datetime.combine(FIRST_DAY + timedelta(days=number), time(9), UTC).timestamp()
    starts_s = STEP_S * np.arange(12 * day.hours)
    hour = (starts_s // 3600).astype(np.int64)
    swing = random.lognormal(0.0, 0.2, day.hours)
    rows, uses = [], []
    for zone in geometry.zones:
        name = str(zone.name)
        is_right = zone.outline.points[0][0] >= FLOOR_WH_M[0] / 2
        is_seen = ~(np.isin(hour, day.unseen) & is_right)
        near = random.poisson(day.per_hour[name] / 12 * swing[hour]) * is_seen
        stopped = random.binomial(near, 0.3)
        rows.append(
            pd.DataFrame(
                {
                    "zone": name,
                    "start_s": starts_s,
                    "exposed": near,
                    "exposed_stopped": stopped,
                    "reached_visit": near,
                    "reached_engaged": stopped,
                }
            )
        )
        uses.append(
            pd.DataFrame({"zone": name, "start_s": starts_s, "came": near, "engaged_stop_s": 30.0 * stopped})
        )
    spans = [("left", 0.0, 3600.0 * day.hours)]
    spans += [("right", 3600.0 * at, 3600.0 * (at + 1)) for at in range(day.hours) if at not in day.unseen]
    empty = {
        "minutes": ("start_s", "person_seconds", "observed_s"),
        "line_minutes": LINE_MINUTE_COLUMN_NAMES[1:],
        "parties": ("start_s", "size"),
        "ways": WAY_COLUMN_NAMES,
    }
    tables = {
        name: pd.DataFrame({column: [0.0][:0] for column in columns}) for name, columns in empty.items()
    }
    for name, key in (("minutes", "zone"), ("line_minutes", "line")):
        tables[name][key] = pd.Series([], dtype="str")
    tables["ways"] = tables["ways"].astype({"is_start_seen": bool, "is_end_seen": bool, "steps": "int64"})
    tables["way_steps"] = pd.DataFrame(
        {
            WAY_STEP_COLUMN_NAMES[0]: pd.Series([], dtype="str"),
            WAY_STEP_COLUMN_NAMES[1]: pd.Series([], dtype=bool),
        }
    )
    tables["zone_blocks"] = _fill(rows, ZONE_BLOCK_COLUMN_NAMES)
    tables["zone_uses"] = _fill(uses, ZONE_USE_COLUMN_NAMES)
    tables["spans"] = pd.DataFrame(spans, columns=["camera", "start_s", "end_s"]).assign(frames=100_000)
    return StretchFacts(opens_s, opens_s + 3600.0 * day.hours, geometry, tables)


def _fill(rows: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    joined = pd.concat(rows, ignore_index=True).reindex(columns=list(columns), fill_value=0.0)
    return joined.astype({column: "float64" for column in columns if column != "zone"} | {"zone": "str"})


NO_PLACES = refuse(FEW_STANDS)


def list_rows(venue: Venue, facts: PeriodFacts) -> dict[str, StandRow]:
    return {stand.zone: stand for stand in describe_exhibition(venue, facts, NO_PLACES).stands}


def list_true_rents(days: Sequence[FairDay]) -> dict[str, float]:
    """Return the true rents from each day's visitors, weighted by the day's hours."""
    hours = sum(day.hours for day in days)
    return {
        name: sum(
            STANDS * RENT * day.hours / hours * day.per_hour[name] / sum(day.per_hour.values())
            for day in days
        )
        for name in NAMES
    }


def check_rents(rows: Mapping[str, StandRow], truth: Mapping[str, float], basis: ValueBasis) -> None:
    held = 0
    for name in NAMES:
        price = rows[name].prices[basis]
        value, limits = price.fair_rent.value, price.fair_rent.interval
        assert value is not None
        assert limits is not None
        assert value == pytest.approx(truth[name], rel=0.2), name
        held += limits[0] <= truth[name] <= limits[1]
    # 95 of 100 intervals hold the truth
    assert held >= STANDS - 2


@pytest.mark.parametrize("basis", [basis for basis in ValueBasis if basis is not ValueBasis.PLACE])
def test_rents_weight_days_by_their_hours(tmp_path: Path, basis: ValueBasis) -> None:
    days = [FairDay(8, make_rates(1.0)), FairDay(8, make_rates(1.0, moved=1.5))]
    venue = make_venue(tmp_path, days)
    rows = list_rows(venue, make_facts(venue, days))
    check_rents(rows, list_true_rents(days), basis)
    each = [list_rows(venue, make_facts(venue, [day])) for day in days]
    for name in NAMES:
        fair = rows[name].prices[basis].fair_rent
        known = [one[name].prices[basis].fair_rent.value for one in each]
        assert None not in known
        assert fair.value == pytest.approx(sum(known) / 2, rel=0.2)  # type: ignore[arg-type]


def test_unobserved_hours_do_not_count_as_empty(tmp_path: Path) -> None:
    days = [FairDay(10, make_rates(1.0), unseen=(3, 4))]
    venue = make_venue(tmp_path, days)
    figures = describe_exhibition(venue, make_facts(venue, days, changes=False), NO_PLACES)
    rows = {stand.zone: stand for stand in figures.stands}
    check_rents(rows, list_true_rents(days), ValueBasis.EXPOSED)
    assert figures.common_s == pytest.approx(8 * 3600.0)
    assert figures.share_of_show == pytest.approx(0.8)
    # the left half was observed all day, the right one for eight of ten hours
    assert rows["S1"].observed_s == pytest.approx(10 * 3600.0)
    assert rows["S12"].observed_s == pytest.approx(8 * 3600.0)
    # what was hoped for of a day is hoped for of the hours in which somebody looked
    assert rows["S1"].visits_target == pytest.approx(100.0)
    assert rows["S12"].visits_target == pytest.approx(80.0)
    # a visitor costs each of two alike stands as much, whichever was observed for longer
    costs = {name: rows[name].prices[ValueBasis.EXPOSED].cost for name in ("S1", "S12")}
    assert costs["S1"] == pytest.approx(RENT / 200.0, rel=0.15)
    assert costs["S12"] == pytest.approx(RENT / 420.0, rel=0.15)


def test_a_barely_observed_stand_is_excluded_from_rents(
    tmp_path: Path,
) -> None:
    days = [FairDay(8, make_rates(1.0)), FairDay(8, make_rates(1.0))]
    venue = make_venue(tmp_path, days)
    rows = list_rows(venue, make_facts(venue, days, lacks="S7"))
    assert rows["S7"].visits
    for price in rows["S7"].prices.values():
        assert price.verdict is PriceVerdict.UNSEEN
        assert price.fair_rent.value is price.fair_rent.interval is price.cost is None
    others = [rows[name].prices[ValueBasis.EXPOSED] for name in NAMES if name != "S7"]
    assert sum(price.fair_rent.value or 0.0 for price in others) == pytest.approx(11 * RENT)
    assert {price.verdict for price in others} & {PriceVerdict.DEAR, PriceVerdict.CHEAP}


def test_targets_of_a_changed_stand_cover_the_days_since(tmp_path: Path) -> None:
    days = [FairDay(8, make_rates(1.0)), FairDay(8, make_rates(1.0))]
    venue = make_venue(tmp_path, days)
    rows = list_rows(venue, make_facts(venue, days))
    assert (rows["S1"].visits_target, rows["S12"].visits_target) == (pytest.approx(100), pytest.approx(200))
    assert (rows["S1"].observed_s, rows["S12"].observed_s) == (8 * 3600.0, 16 * 3600.0)


def test_time_before_opening_earns_no_rent(tmp_path: Path) -> None:
    days = [FairDay(8, make_rates(1.0))]
    venue = make_venue(tmp_path, days)
    late = dataclasses.replace(
        venue,
        exhibition=Exhibition("Fair", "UTC", (OpeningHours(FIRST_DAY, time(11), time(17)),)),
    )
    figures = describe_exhibition(late, make_facts(venue, days), NO_PLACES)
    assert figures.common_s == pytest.approx(6 * 3600.0)
    assert figures.share_of_show == pytest.approx(1.0)


def test_a_day_outside_the_show_costs_nothing(tmp_path: Path) -> None:
    days = [FairDay(8, make_rates(1.0))]
    venue = make_venue(tmp_path, days)
    other = dataclasses.replace(
        venue,
        exhibition=Exhibition(
            "Fair", "UTC", (OpeningHours(FIRST_DAY + timedelta(days=9), time(9), time(17)),)
        ),
    )
    figures = describe_exhibition(other, make_facts(venue, days), NO_PLACES)
    assert figures.share_of_show is None
    assert {stand.prices[ValueBasis.EXPOSED].cost for stand in figures.stands} == {None}
