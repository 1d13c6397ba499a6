"""Each stand against its place, from the choices of visitors: values that all pages and findings share."""

from __future__ import annotations

import json
import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics.domain.arrays import Interval
from analytics.domain.clock import SystemClock
from analytics.domain.errors import Phrase
from analytics.metrics.estimate import UNKNOWN, Estimate
from app.core.document import Venue
from app.core.job import JobContext

if TYPE_CHECKING:
    from analytics.places.place_value import PlaceValues
    from analytics.rollups.period_facts import PeriodFacts

CHOICE_TABLES: Mapping[str, Sequence[str]] = {
    "visits": ("visitor", "zone", "entered_s", "left_s", "stop_s"),
    "journeys": ("visitor", "start_s", "end_s", "is_start_seen", "is_end_seen"),
    "crossings": ("visitor", "line", "time_s", "direction"),
}
"""Tables of single visitors that choices are estimated from; not kept longer than tracks."""
MAX_VISITORS = 4000
"""Visitors that choices are estimated from; more make it slower, not noticeably better."""
MAX_KEPT = 16
"""Maximum number of periods whose values are kept in memory."""
VALUES_VERSION = 2
"""Version of the values, raised when they are others for the same tables."""
_LOG = logging.getLogger(__name__)


def read_place_values(venue: Venue, period_s: Interval, *, context: JobContext | None = None) -> PlaceValues:
    """Return the values of places in a period, or why there are none.

    Those of the last periods are kept, in memory and beside the tables that they come from; a running day is
    valued anew each time.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the job was cancelled.
    """
    from analytics.places.place_value import FEW_STANDS, refuse
    from app.facts.period_facts import read_period_facts

    with _COMPUTING:
        key = _find_key(venue, period_s)
        if (venue.folder, key) in _KEPT:
            _KEPT.move_to_end((venue.folder, key))
            return _KEPT[venue.folder, key]
        values = None if key is None else _read_kept(venue, key)
        if values is None:
            facts = read_period_facts(
                venue=venue, period_s=period_s, context=context, names=CHOICE_TABLES, optional=CHOICE_TABLES
            )
            values = refuse(FEW_STANDS) if facts is None else value_places(facts)
            if key is not None and values.refusal is None:
                _keep(venue, key, values)
        if key is not None:
            _KEPT[venue.folder, key] = values
            if len(_KEPT) > MAX_KEPT:
                _KEPT.popitem(last=False)
    return values


_KEPT: OrderedDict[tuple[Path, str | None], PlaceValues] = OrderedDict()
_COMPUTING = threading.Lock()
"""Lock for one computation at a time: pages of one period wait for the first."""


def _find_key(venue: Venue, period_s: Interval) -> str | None:
    """Return a digest of all that the values of a period depend on; None while it goes on."""
    from analytics.store.sql_event_store import open_reader
    from app.facts.period_stretches import find_key, plan_stretches

    if not venue.has_history:
        return None
    with closing(open_reader(venue.folder)) as reader:
        extent = reader.time_range()
        planned = plan_stretches(
            venue=venue, reader=reader, period_s=period_s, now_utc_s=SystemClock().now_utc_s()
        )
    if extent is None or not all(stretch.is_closed for stretch in planned):
        return None
    # a period that ends now has the same tables long after the last visitor
    within_s = max(period_s[0], math.floor(extent.start_s)), min(period_s[1], math.ceil(extent.end_s))
    geometry = venue.geometry_at(math.nextafter(period_s[1], -math.inf))
    stretches = tuple((find_key(venue, stretch), stretch.is_expired) for stretch in planned)
    return sha256(repr((VALUES_VERSION, within_s, venue.plan, geometry, stretches)).encode()).hexdigest()


def _read_kept(venue: Venue, key: str) -> PlaceValues | None:
    """Return the values that an earlier start of the program computed; None if there are none to be read."""
    from analytics.places.place_value import DRAWS, PlaceValue, PlaceValues
    from analytics.rollups.rollup_folder import RollupFolder

    content = RollupFolder(venue.folder).read_period(key)
    if content is None:
        return None
    try:
        written = json.loads(content)
        kept = written["stands"]
        values = {
            str(name): PlaceValue(*(_read_estimate(one[field]) for field in ("visits", "ratio")))
            for name, one in kept.items()
        }
        draws = {str(name): np.array(one["draws"], np.float64) for name, one in kept.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    is_whole = all(one.shape == (DRAWS + 1,) and (one > 0).all() for one in draws.values())
    return PlaceValues(values, None, draws) if is_whole else None


def _read_estimate(written: Mapping[str, Any]) -> Estimate:
    if written["value"] is None:
        return UNKNOWN
    low, high = map(float, written["interval"])
    return Estimate(float(written["value"]), (low, high))


def _keep(venue: Venue, key: str, values: PlaceValues) -> None:
    from analytics.rollups.rollup_folder import RollupFolder

    stands = {
        name: {**asdict(one), "draws": values.draws[name].tolist()} for name, one in values.values.items()
    }
    try:
        RollupFolder(venue.folder).write_period(key, json.dumps({"stands": stands}).encode())
    except OSError as error:
        # the numbers do not depend on whether they can be stored
        _LOG.warning("The values of places are not kept: %s", error)


def value_places(facts: PeriodFacts) -> PlaceValues:
    """Return the values of places, or why there are none.

    Args:
        facts: with ``CHOICE_TABLES``; without any of them it is said that they were deleted.
    """
    from analytics.places.choice_basis import make_basis
    from analytics.places.itineraries import make_itineraries
    from analytics.places.layout import layout_from_plan
    from analytics.places.place_value import DELETED, FEW_STANDS, MIN_STANDS, estimate_place_values, refuse

    layout = layout_from_plan(facts.plan, facts.geometry)
    if len(layout.stands) < MIN_STANDS:
        return refuse(FEW_STANDS)
    if not all(name in facts.tables for name in CHOICE_TABLES):
        return refuse(DELETED)
    visits, journeys = facts.tables["visits"], facts.tables["journeys"]
    # all stands as they are now: who came before the last change chose among others
    since_s = max((facts.zone_since_s[stand.name] for stand in layout.stands), default=0.0)
    people = journeys[journeys["start_s"].to_numpy(np.float64) >= since_s]
    people = people.iloc[:: max(1, -(-len(people) // MAX_VISITORS))]
    own = visits[visits["visitor"].isin(people["visitor"])]
    names = [zone.name for zone in layout.zones]
    itineraries = make_itineraries(
        visits=own,
        journeys=people,
        crossings=facts.tables["crossings"],
        zones=names,
        entrances=[door.name for door in layout.entrances],
        exits=[door.name for door in layout.exits],
    )
    who_stopped = np.unique(np.stack([itineraries.zone, itineraries.visitor])[:, itineraries.stopped], axis=1)
    visitors = np.bincount(who_stopped[0], minlength=len(names))
    coverage = {str(zone.name): facts.measure_coverage(zone) for zone in facts.geometry.zones}
    stops = dict(zip(names, map(float, visitors), strict=True))
    basis = make_basis(itineraries, layout, stops=stops, coverage=coverage)
    return refuse(basis) if isinstance(basis, Phrase) else estimate_place_values(basis)
