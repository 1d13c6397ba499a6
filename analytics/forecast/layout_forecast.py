"""Forecast of the visits to every zone of a changed layout, as a change of those observed (pivot)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.errors import ForecastError, Phrase
from analytics.forecast.choice_model import (
    ChoiceModel,
    ExpectedMoves,
    draw_parameters,
    expected_moves,
    fit_choice_model,
)
from analytics.forecast.itineraries import Itineraries, list_moves
from analytics.forecast.layout import FAR_M, Layout, LayoutZone, measure_ways
from analytics.forecast.location_effect import LocationEffect, measure_location_effect
from analytics.forecast.passing import PassingModel, expected_passages, fit_passing

MIN_STANDS = 8
MIN_MOVES = 300
MIN_COVERAGE = 0.8
"""Minimum observed share of a stand's floor and time."""
MIN_WHOLE_SHARE = 0.3
"""Minimum share of visitors who were seen to come or to go, else their itineraries are too broken."""
TRUSTED_WHOLE_SHARE = 0.5
"""The same share below which forecasts are not trusted. Through simulated cameras none was better than no
change in four halls of 0.19 to 0.30; in three of 0.72 to 0.74 they were about as from whole tracks."""
MIN_SIZES = 12
"""Minimum number of stands of known area for the effect of size."""
DRAWS = 100
CONFIDENCE = 0.95
MAX_GROWTH = 5.0
"""Growth up to which a forecast is a multiple of what was observed; beyond, the model's growth is added."""
RESPONSE_ROUNDS = 3
SAME_SHARE = 0.005
"""Shares of the arrivals that are rounded to the same percentage."""
LEAST_VISITS = 0.5
"""Fewer visits gained from removed stands are not mentioned."""
SAME_PLACE_M = 0.1
SAME_SIZE = 0.1
"""A stand whose area changes by a smaller share has the same size."""
SYSTEMATIC_SD = 0.055
CHANGE_SD = 1.0
"""Errors of forecasts in simulated halls: of the logarithm, constant and per logarithm of the change."""


@dataclass(frozen=True, slots=True)
class ObservedZone:
    """Observed figures of a zone.

    Attributes:
        visits: sum of the probabilities of its visits.
        person_s: person-seconds.
        stop_share: share of the visits with a stop.
        stop_s_share: share of the person-seconds in visits with a stop.
        error: standard error of the logarithm of the visits of such a day.
        coverage: observed share, 0 to 1.
        person_s_error: standard error of the logarithm of the person-seconds of such a day.
    """

    visits: float
    person_s: float
    stop_share: float
    stop_s_share: float
    error: float
    coverage: float
    person_s_error: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class ForecastBasis:
    """All that forecasts of a hall start from.

    Attributes:
        layout: in which the visitors were observed.
        observed: by zone of the layout.
        arrivals: visitors who stopped somewhere, by entrance, shape (entrances,) and at least (1,).
        error: standard errors of the logarithm, constant and per logarithm of the change.
        error_statements: how large the errors of earlier forecasts in this hall were.
        is_proven: whether ``error`` is that of forecasts in this hall.
        whole_share: share of visitors seen to come, and of those seen to go, on average.
    """

    layout: Layout
    model: ChoiceModel
    passing: PassingModel
    observed: Mapping[str, ObservedZone]
    arrivals: FloatArray
    location_effect: LocationEffect = dataclasses.field(default_factory=LocationEffect)
    error: tuple[float, float] = (SYSTEMATIC_SD, CHANGE_SD)
    error_statements: tuple[Phrase, ...] = (
        Phrase(
            "Not proven in this hall: this forecast was not compared with changes observed here. The "
            "intervals include the errors of forecasts in simulated halls."
        ),
    )
    is_proven: bool = False
    whole_share: float = 1.0

    @property
    def warnings(self) -> tuple[Phrase, ...]:
        """Return what has to be said before all else: that tracks are too broken to trust a forecast."""
        warning = warn_of_broken_tracks(self.whole_share)
        return () if warning is None else (warning,)


def warn_of_broken_tracks(whole_share: float) -> Phrase | None:
    """Return that forecasts cannot be relied on; None where tracks are whole enough."""
    if whole_share >= TRUSTED_WHOLE_SHARE:
        return None
    return Phrase(
        "Do not rely on forecasts: only {percent:.0f} % of the arrivals and departures were seen. With "
        "tracks as broken as these, forecasts in simulated halls were no better than assuming no change. Let "
        "the views of cameras overlap, above all at the doors, and see whether forecasts of earlier changes "
        "in this hall came true.",
        {"percent": 100 * whole_share},
    )


@dataclass(frozen=True, slots=True)
class ZoneForecast:
    """Forecast for one zone; intervals of 95 %.

    Attributes:
        visits_before, person_s_before: as observed; None for a new zone.
        note: what changed at the zone, and what is not known.
    """

    zone: str
    kind: str
    visits_before: float | None
    visits: float
    visits_low: float
    visits_high: float
    person_s_before: float | None
    person_s: float
    person_s_low: float
    person_s_high: float
    note: Phrase | None = None


@dataclass(frozen=True, slots=True)
class LayoutForecast:
    """Forecasts for all zones of a changed layout, removed ones too, and what is to be said with them."""

    rows: tuple[ZoneForecast, ...]
    statements: tuple[Phrase, ...]


def make_basis(
    itineraries: Itineraries,
    layout: Layout,
    observed: Mapping[str, ObservedZone],
    *,
    least_whole_share: float = MIN_WHOLE_SHARE,
) -> ForecastBasis:
    """Estimate the model of a hall.

    Raises:
        ForecastError: too few stands or moves, or itineraries too broken.
    """
    seen = [s for s in layout.stands if s.name in observed and observed[s.name].coverage >= MIN_COVERAGE]
    if len(seen) < MIN_STANDS:
        raise ForecastError(
            "Only {count} stands were observed for at least 80 % of the time and floor; a forecast needs "
            "{least}.",
            "Choose a period in which more stands were observed.",
            count=len(seen),
            least=MIN_STANDS,
        )
    names = {stand.name for stand in seen}
    layout = dataclasses.replace(
        layout, zones=tuple(zone for zone in layout.zones if not zone.is_stand or zone.name in names)
    )
    moves = list_moves(itineraries, [stand.name for stand in layout.stands])
    if len(moves.chosen) < MIN_MOVES:
        raise ForecastError(
            "Visitors were followed from stand to stand only {count} times; a forecast needs {least}.",
            "Choose a longer period.",
            count=len(moves.chosen),
            least=MIN_MOVES,
        )
    whole_share = float(np.concatenate([itineraries.is_start_seen, itineraries.is_end_seen]).mean())
    if whole_share < least_whole_share:
        raise ForecastError(
            "Visitors were lost too often: only {percent:.0f} % were seen to come or to go.",
            "Draw the entrances and exits, and check the cameras' coverage.",
            percent=100 * whole_share,
        )
    model = fit_choice_model(itineraries, layout)
    ways = measure_ways(layout)
    arrivals = _count_arrivals(itineraries, layout)
    passing = fit_passing(itineraries, layout, ways, arrivals)
    return ForecastBasis(
        layout=layout,
        model=model,
        passing=passing,
        observed=dict(observed),
        arrivals=arrivals,
        location_effect=measure_location_effect(itineraries, layout, model, passing, arrivals),
        whole_share=whole_share,
    )


def forecast_layout(
    basis: ForecastBasis,
    layout_after: Layout,
    arrivals_scale: float = 1.0,
    *,
    draws: int = DRAWS,
    entrance_shares: Mapping[str, float] | None = None,
) -> LayoutForecast:
    """Forecast the visits and person-seconds of every zone of a changed layout.

    The forecast is what was observed times the model's change. A layout without a change gives exactly what
    was observed.

    Args:
        arrivals_scale: arrivals relative to those observed.
        draws: for the intervals; fewer are faster, and the forecast itself is the same.
        entrance_shares: of the arrivals by some entrances; the others share the rest as observed.

    Raises:
        ForecastError: a stand that cannot be reached, no stand at all, or shares that cannot be.
    """
    rng = np.random.default_rng(20_260_330)
    change = _Change(basis, layout_after, rng, draws, entrance_shares or {})
    rows = [
        *(change.forecast_zone(zone, arrivals_scale) for zone in layout_after.zones),
        *(
            change.forecast_removed(zone)
            for zone in basis.layout.zones
            if zone.name not in {after.name for after in layout_after.zones}
        ),
    ]
    found = tuple(row for row in rows if row is not None)
    effect = None
    if entrance_shares:
        kept = forecast_layout(basis, layout_after, arrivals_scale, draws=1)
        effect = _describe_share_effect(found, kept.rows)
    return LayoutForecast(found, tuple(change.make_statements(arrivals_scale, effect)))


class _Change:
    """The model's visits and passages before and after, at the estimate and at draws about it."""

    def __init__(
        self,
        basis: ForecastBasis,
        after: Layout,
        rng: np.random.Generator,
        count: int,
        entrance_shares: Mapping[str, float],
    ) -> None:
        self._basis, self._after, self._rng = basis, after, rng
        self._given_shares = _check_shares(entrance_shares, after)
        before = basis.layout
        if not after.stands:
            raise ForecastError("The changed layout has no stands.", "Draw at least one stand as a zone.")
        self._before_at = {zone.name: index for index, zone in enumerate(before.zones)}
        self._before_stand = {zone.name: index for index, zone in enumerate(before.stands)}
        self._after_stand = {zone.name: index for index, zone in enumerate(after.stands)}
        self._require_reachable(measure_ways(after).distance_m)
        draws = draw_parameters(basis.model, count, rng)
        own = draws[:, : len(before.stands)], draws[:, len(before.stands) :]
        self._size_effect = _measure_size_effect(basis.model)
        parameters_after = np.column_stack([self._choose_attractions(own[0]), own[1]])
        arrivals = basis.arrivals
        arrivals_after, through_after = (
            share_arrivals(before, after, arrivals, self._given_shares),
            share_arrivals(before, after, basis.passing.through, self._given_shares),
        )
        moves_before = expected_moves(basis.model, before, arrivals, draws)
        moves_after = expected_moves(basis.model, after, arrivals_after, parameters_after)
        self._passed_before = self._expect_passages(before, moves_before, basis.passing.through)
        self._stops_before = moves_before.visits
        self._arrivals_after = arrivals_after
        self._most_gains = self._bound_gains(moves_before.moves[0])
        self._stops_after, self._passed_after = self._limit_response(
            moves_after, arrivals_after, through_after, parameters_after
        )

    def _limit_response(
        self, moves: ExpectedMoves, arrivals: FloatArray, through: FloatArray, parameters: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the stops and passages after; see ``expect_response``.

        Args:
            moves: after, if all visitors chose on the way.
            arrivals, through: by entrance after.
        """
        stops, passed = [], []
        for index, stand in enumerate(self._after.stands):
            own = self._before_stand.get(stand.name)
            alike = self._list_alike(stand) if own is None else [own]
            rows = [self._before_at[self._basis.layout.stands[one].name] for one in alike]
            usual = np.log(np.maximum(self._stops_before[:, alike], 1e-9)).mean(axis=1)
            if own is None:
                # a new exhibitor is as much more or less attractive everywhere
                drawn = parameters[:, index]
                usual = usual + drawn - drawn[0]
            stops.append(np.exp(usual))
            passed.append(np.exp(np.log(np.maximum(self._passed_before[:, rows], 1e-9)).mean(axis=1)))
        return expect_response(
            self._basis,
            self._basis.model,
            self._after,
            parameters=parameters,
            arrivals=arrivals,
            through=through,
            moves=moves,
            stops_before=np.column_stack(stops),
            passed_before=np.column_stack(passed),
            rng=self._rng,
        )

    def _list_alike(self, stand: LayoutZone) -> list[int]:
        """Return the stands before that a new one is like: of its kind and category, or all."""
        before = self._basis.layout.stands
        return [
            index
            for index, one in enumerate(before)
            if one.category == stand.category and one.kind is stand.kind
        ] or list(range(len(before)))

    def _expect_passages(self, layout: Layout, moves: ExpectedMoves, through: FloatArray) -> FloatArray:
        return expected_passages(layout, measure_ways(layout), moves, self._basis.passing, through)

    def _require_reachable(self, distance_m: FloatArray) -> None:
        stands = self._after.stands
        starts = distance_m[len(stands) : len(stands) + len(self._after.entrances), : len(stands)]
        nearest = starts.min(axis=0) if len(starts) else distance_m[0, : len(stands)]
        doors = [door.name for door in (*self._after.entrances, *self._after.exits)]
        from_doors = distance_m[len(stands) :, : len(stands)].min(axis=1, initial=np.inf)
        # a door that is shut off says more than every stand that it led to
        names = doors + [stand.name for stand in stands]
        ways = zip(names, [*from_doors.tolist(), *nearest.tolist()], strict=True)
        closed = next((name for name, way_m in ways if way_m >= FAR_M), None)
        if closed is not None:
            raise ForecastError(
                "No way leads to '{zone}' in the changed layout.",
                "Leave a way of at least half a metre between the obstacles.",
                zone=closed,
            )

    def _choose_attractions(self, known: FloatArray) -> FloatArray:
        """Return the attractions of the stands after, shape (sets, stands); new ones are drawn."""
        before = {zone.name: zone for zone in self._basis.layout.stands}
        columns = []
        for stand in self._after.stands:
            if stand.name in before:
                column = known[:, self._before_stand[stand.name]]
                growth = _measure_growth(before[stand.name], stand)
                if self._size_effect is not None and abs(growth) > np.log1p(SAME_SIZE):
                    effect, error = self._size_effect
                    drawn = effect + error * self._rng.standard_normal(len(known))
                    drawn[0] = effect
                    column = column + drawn * growth
            else:
                alike = self._list_alike(stand)
                column = known[:, alike].mean(axis=1)
                spread = known[0, alike].std(ddof=1) if len(alike) > 1 else known[0].std(ddof=1)
                drawn = spread * self._rng.standard_normal(len(known))
                drawn[0] = 0.0
                column = column + drawn
            columns.append(column)
        return np.column_stack(columns)

    def forecast_zone(self, zone: LayoutZone, scale: float) -> ZoneForecast | None:
        """Forecast a zone of the layout after; None for a stand that was not observed."""
        observed = self._basis.observed.get(zone.name)
        after = [one.name for one in self._after.zones].index(zone.name)
        passed = self._passed_after[:, after]
        if zone.name not in self._before_at or observed is None:
            if not zone.is_stand or observed is not None:
                return None
            return self._forecast_new(zone, passed, scale)
        before = self._before_at[zone.name]
        passing = pivot(1.0, self._passed_before[:, before], passed)
        if zone.is_stand:
            stops = pivot(
                1.0,
                self._stops_before[:, self._before_stand[zone.name]],
                self._stops_after[:, self._after_stand[zone.name]],
            )
            visits = observed.stop_share * stops + (1 - observed.stop_share) * passing
            seconds = observed.stop_s_share * stops + (1 - observed.stop_s_share) * passing
        else:
            visits = seconds = passing
        note = self._describe_change(zone)
        low, high = self._bound(visits, observed.error)
        low_s, high_s = self._bound(seconds, max(observed.error, observed.person_s_error))
        most = self._most_gains.get(zone.name, 0.0)
        if most >= LEAST_VISITS:
            # visitors of the removed stands leave earlier, or come here instead
            low, high = min(low, 1.0), max(high, 1.0 + most / observed.visits)
            note = note or Phrase(
                "At most {most:.0f} of these visits come from removed stands, at least none.",
                {"most": most * scale},
            )
        return ZoneForecast(
            zone.name,
            zone.kind.value,
            observed.visits,
            observed.visits * float(visits[0]) * scale,
            observed.visits * low * scale,
            observed.visits * high * scale,
            observed.person_s,
            observed.person_s * float(seconds[0]) * scale,
            observed.person_s * low_s * scale,
            observed.person_s * high_s * scale,
            note,
        )

    def _bound(self, ratio: FloatArray, error: float) -> tuple[float, float]:
        """Return the interval of a zone's change: parameters, the day observed, and errors of the model."""
        logs = np.log(np.maximum(ratio, 1e-9))
        constant, per_change = self._basis.error
        reach = np.sqrt(error**2 + constant**2 + (per_change * logs[0]) ** 2)
        spread = logs[1:] + reach * self._rng.standard_normal(len(logs) - 1)
        # a normal interval: draws are too few for their tails
        sd = float(np.sqrt(np.mean((spread - logs[0]) ** 2)))
        sd = max(sd, float(reach))
        return float(np.exp(logs[0] - 1.96 * sd)), float(np.exp(logs[0] + 1.96 * sd))

    def _forecast_new(self, zone: LayoutZone, passed: FloatArray, scale: float) -> ZoneForecast:
        basis = self._basis
        known = [basis.observed[name] for name in self._before_stand if name in basis.observed]
        stopped = sum(one.visits * one.stop_share for one in known)
        level = stopped / max(float(self._stops_before[0].sum()), 1e-9)
        rows = [self._before_at[name] for name in self._before_stand]
        gone_by = float(self._passed_before[0, rows].sum())
        passing_level = sum(one.visits * (1 - one.stop_share) for one in known) / max(gone_by, 1e-9)
        stops = level * self._stops_after[:, self._after_stand[zone.name]]
        visits = stops + passing_level * passed
        stop_s = sum(one.person_s * one.stop_s_share for one in known) / max(stopped, 1e-9)
        pass_s = sum(one.person_s * (1 - one.stop_s_share) for one in known) / max(
            sum(one.visits * (1 - one.stop_share) for one in known), 1e-9
        )
        seconds = stop_s * stops + pass_s * passing_level * passed
        low, high = (np.quantile(visits, share) * scale for share in (0.025, 0.975))
        low_s, high_s = (np.quantile(seconds, share) * scale for share in (0.025, 0.975))
        point = visits[0] * scale
        return ZoneForecast(
            zone.name,
            zone.kind.value,
            None,
            float(point),
            float(min(low, point)),
            float(max(high, point)),
            None,
            float(seconds[0] * scale),
            float(min(low_s, seconds[0] * scale)),
            float(max(high_s, seconds[0] * scale)),
            Phrase("New: as attractive as stands of its kind, which differ as much as the interval says."),
        )

    def forecast_removed(self, zone: LayoutZone) -> ZoneForecast | None:
        """Return the row of a zone that the layout after no longer has."""
        observed = self._basis.observed.get(zone.name)
        if observed is None:
            return None
        return ZoneForecast(
            zone.name,
            zone.kind.value,
            observed.visits,
            0.0,
            0.0,
            0.0,
            observed.person_s,
            0.0,
            0.0,
            0.0,
            Phrase("Removed."),
        )

    def _bound_gains(self, moves: FloatArray) -> dict[str, float]:
        """Return the visits each stand gains at most from removed ones: their time is spent where it is next.

        Args:
            moves: expected in the layout before, from place to stand and out, shape (places, stands + 1).
        """
        before, model = self._basis.layout.stands, self._basis.model
        kept = [self._before_stand[one.name] for one in before if one.name in self._after_stand]
        walk_s = measure_ways(self._basis.layout).distance_m / model.walking_m_s
        dwell_s = np.array([model.dwell_s_by_zone[one.name] for one in before])
        gains = np.zeros(len(before))
        for one in before:
            index = self._before_stand[one.name]
            onward = moves[index, kept]
            if one.name in self._after_stand or onward.sum() <= 0:
                continue
            observed = self._basis.observed[one.name]
            share = onward / onward.sum()
            freed_s = observed.visits * observed.stop_share * dwell_s[index]
            gains[kept] += share * freed_s / float(share @ (dwell_s[kept] + walk_s[index, kept]))
        return {one.name: float(gains[at]) for one, at in zip(before, range(len(before)), strict=True)}

    def _describe_change(self, zone: LayoutZone) -> Phrase | None:
        before = self._basis.layout.zones[self._before_at[zone.name]]
        one, other = before.polygon.to_shape(), zone.polygon.to_shape()
        moved_m = float(one.centroid.distance(other.centroid))
        if zone.is_stand and abs(_measure_growth(before, zone)) > np.log1p(SAME_SIZE):
            if self._size_effect is None:
                return Phrase("Its size changes; what that does is not known from this hall.")
            return Phrase("Its size changes.")
        if moved_m > SAME_PLACE_M:
            return Phrase("Moved by {metres:.1f} m.", {"metres": moved_m})
        return None

    def _describe_entrances(self) -> list[Phrase]:
        """Return each entrance's share of the arrivals, where entrances change or shares are given."""
        places = {door.name: door.place_m for door in self._basis.layout.entrances}
        moved = {
            door.name
            for door in self._after.entrances
            if door.name not in places
            or np.hypot(*np.subtract(places[door.name], door.place_m)) > SAME_PLACE_M
        }
        if max(len(places), len(self._after.entrances)) < 2 or not (
            moved or self._given_shares or len(places) > len(self._after.entrances)
        ):
            return []
        total = max(float(self._arrivals_after.sum()), 1e-9)
        observed = dict(zip(places, self._basis.arrivals.tolist(), strict=False))
        found = []
        for door, count in zip(self._after.entrances, self._arrivals_after.tolist(), strict=True):
            fields = {"percent": 100 * count / total, "entrance": door.name}
            if door.name in self._given_shares:
                phrase = Phrase(
                    "{percent:.0f} % of the arrivals are by '{entrance}', as you gave it.", fields
                )
            elif self._given_shares:
                phrase = Phrase("{percent:.0f} % of the arrivals are by '{entrance}', the rest.", fields)
            elif abs(count - observed.get(door.name, 0.0)) < SAME_SHARE * total:
                phrase = Phrase(
                    "{percent:.0f} % of the arrivals are by '{entrance}', as observed: the forecast does not "
                    "know whether visitors would choose another entrance.",
                    fields,
                )
            else:
                phrase = Phrase("{percent:.0f} % of the arrivals are assumed to be by '{entrance}'.", fields)
            found.append(phrase)
        return found

    def make_statements(self, scale: float, share_effect: Phrase | None) -> Sequence[Phrase]:
        """Return what has to be said with the forecast."""
        found = [
            Phrase(
                "The forecast is for the same observed hours, with {percent:.0f} % of the arrivals.",
                {"percent": 100 * scale},
            )
        ]
        removed = [s for s in self._basis.layout.stands if s.name not in self._after_stand]
        if removed:
            gone = sum(self._basis.observed[s.name].visits for s in removed)
            found.append(
                Phrase(
                    "{count:.0f} visits were to stands that are removed. If these visitors leave earlier, "
                    "other stands gain nothing; if they spend the time at other stands, those gain "
                    "{most:.0f} visits.",
                    {"count": gone * scale, "most": sum(self._most_gains.values()) * scale},
                )
            )
        found += self._describe_entrances()
        if share_effect is not None:
            found.insert(0, share_effect)
        return (
            *self._basis.warnings,
            *found,
            *self._basis.error_statements,
            Phrase("It says nothing about sales, satisfaction, or the other visitors of another year."),
        )


def expect_response(
    basis: ForecastBasis,
    model: ChoiceModel,
    layout: Layout,
    *,
    parameters: FloatArray,
    arrivals: FloatArray,
    through: FloatArray,
    moves: ExpectedMoves,
    stops_before: FloatArray,
    passed_before: FloatArray,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Return the stops and passages in a layout, with stops that follow their place as measured in the hall.

    Stops follow the model's choices and the traffic past the stand with the elasticities of
    ``LocationEffect``. The attractions are moved until the model has these stops, so that the ways between
    them follow.

    Args:
        parameters: sets of parameters of the layout's stands, shape (sets, stands + common).
        arrivals, through: visitors with and without a stop, by entrance.
        moves: in the layout, if all visitors chose on the way.
        stops_before, passed_before: of each stand of the layout, shape (sets, stands); of a new one, what
            those like it have on average.

    Returns:
        Shapes (sets, stands) and (sets, zones).
    """
    effect, ways = basis.location_effect, measure_ways(layout)
    passed = expected_passages(layout, ways, moves, basis.passing, through)
    if effect.reach >= 1.0 and effect.impulse <= 0.0:
        return moves.visits, passed
    noise = rng.standard_normal((2, len(parameters), 1))
    noise[:, 0] = 0.0
    reach = np.clip(effect.reach + effect.reach_error * noise[0], 0.0, 1.0)
    impulse = np.clip(effect.impulse + effect.impulse_error * noise[1], 0.0, 1.0)
    zone_at = np.flatnonzero([zone.is_stand for zone in layout.zones])
    goals = stops_before * pivot(1.0, stops_before, moves.visits) ** reach
    parameters = parameters.copy()
    count = len(zone_at)
    for _ in range(RESPONSE_ROUNDS):
        target = goals * pivot(1.0, passed_before, passed[:, zone_at]) ** impulse
        parameters[:, :count] += np.log(np.maximum(target, 1e-9) / np.maximum(moves.visits, 1e-9)).clip(
            -2.0, 2.0
        )
        moves = expected_moves(model, layout, arrivals, parameters)
        passed = expected_passages(layout, ways, moves, basis.passing, through)
    return moves.visits, passed


def share_arrivals(
    before: Layout, after: Layout, arrivals: FloatArray, given: Mapping[str, float]
) -> FloatArray:
    """Return arrivals by the entrances after: as given, else a door of the same name keeps its own.

    Args:
        arrivals: by entrance before.
        given: shares of some entrances after; the others share the rest.
    """
    kept = _keep_arrivals(before, after, arrivals)
    shares = np.array([given.get(door.name, np.nan) for door in after.entrances])
    is_given = np.isfinite(shares)
    if not is_given.any():
        return kept
    others = np.where(is_given, 0.0, kept)
    # a door by which nobody came before has no share of its own
    others = others / others.sum() if others.sum() > 0 else ~is_given / max(1, int((~is_given).sum()))
    rest = 1.0 - float(shares[is_given].sum())
    return np.asarray(float(kept.sum()) * np.where(is_given, shares, rest * others), np.float64)


def _keep_arrivals(before: Layout, after: Layout, arrivals: FloatArray) -> FloatArray:
    names = [door.name for door in before.entrances]
    names_after = [door.name for door in after.entrances]
    if not names or not names_after:
        return np.full(max(1, len(names_after)), float(arrivals.sum()) / max(1, len(names_after)))
    shares = np.array([arrivals[names.index(name)] if name in names else 0.0 for name in names_after])
    new = [index for index, name in enumerate(names_after) if name not in names]
    lost = float(arrivals.sum() - shares.sum())
    if new and lost > 0:
        shares[new] += lost / len(new)
    elif new:
        # as many as by any other
        shares *= 1 - len(new) / len(names_after)
        shares[new] = float(arrivals.sum()) / len(names_after)
    elif lost > 0:
        shares += lost * (shares / shares.sum() if shares.sum() > 0 else 1 / len(names_after))
    return shares


def _describe_share_effect(given: Sequence[ZoneForecast], kept: Sequence[ZoneForecast]) -> Phrase | None:
    """Return which zones gain and lose most by given shares of the arrivals; None without any."""
    changes = [
        (100 * (one.visits / other.visits - 1), one.zone)
        for one, other in zip(given, kept, strict=True)
        if other.visits >= 1
    ]
    if not changes:
        return None
    (least, second), (most, first) = min(changes), max(changes)
    return Phrase(
        "Compared with the forecast without these shares: '{first}' {most:+.0f} %, '{second}' "
        "{least:+.0f} %, the others between.",
        {"first": first, "most": most, "second": second, "least": least},
    )


def pivot(observed: float, before: FloatArray, after: FloatArray) -> FloatArray:
    """Return what was observed times the model's growth, with rules for zeros and extreme growth.

    Where the model expected nothing before, its growth cannot be a factor and is added; beyond
    ``MAX_GROWTH`` the rest is added, too (Daly, Fox and Tuinenga 2005, Pivot-point procedures).

    Args:
        before, after: of the model, shape (sets,).
    """
    base = np.maximum(before, 1e-9)
    growth = after / base
    limited = np.minimum(growth, MAX_GROWTH) + np.where(growth > MAX_GROWTH, np.log(growth / MAX_GROWTH), 0.0)
    return observed * np.where(before <= 1e-9, np.where(after <= 1e-9, 1.0, MAX_GROWTH), limited)


def _check_shares(shares: Mapping[str, float], layout: Layout) -> Mapping[str, float]:
    """Return shares of arrivals by entrance, checked against a layout.

    Raises:
        ForecastError: another entrance, or shares that are no shares of the whole.
    """
    names = [door.name for door in layout.entrances]
    for name in shares:
        if name not in names:
            raise ForecastError(
                "There is no entrance '{name}' in the changed layout.",
                "Its entrances are: {entrances}.",
                name=name,
                entrances=", ".join(names),
            )
    total = sum(shares.values())
    is_whole = abs(total - 1.0) < SAME_SHARE or (total < 1.0 and len(shares) < len(names))
    if shares and not (min(shares.values()) >= 0 and is_whole):
        raise ForecastError(
            "The shares of the entrances add up to {percent:.0f} %.",
            "Give shares that add up to 100 %, or to less where an entrance has none given.",
            percent=100 * total,
        )
    return shares


def _measure_growth(before: LayoutZone, after: LayoutZone) -> float:
    """Return the logarithm of the ratio of areas."""
    return float(np.log(after.polygon.to_shape().area / before.polygon.to_shape().area))


def _measure_size_effect(model: ChoiceModel) -> tuple[float, float] | None:
    """Return the growth of the attraction per logarithm of the area, and its error; None if not known."""
    sizes = np.log(np.array(list(model.size_by_zone_m2.values())))
    if len(sizes) < MIN_SIZES or len(np.unique(np.round(sizes, 1))) < 3:
        return None
    attraction = np.array(list(model.attraction_by_zone.values()))
    centred = sizes - sizes.mean()
    slope = float(centred @ attraction / (centred @ centred))
    rest = attraction - attraction.mean() - slope * centred
    error = float(np.sqrt(rest @ rest / (len(sizes) - 2) / (centred @ centred)))
    return slope, error


def _count_arrivals(itineraries: Itineraries, layout: Layout) -> FloatArray:
    """Return the visitors who stopped at a stand by entrance, unknown ones shared like the others."""
    stands = {stand.name for stand in layout.stands}
    is_stand = np.array([name in stands for name in itineraries.zones] or [False])
    is_stop = itineraries.stopped & is_stand[itineraries.zone]
    stopped = np.unique(itineraries.visitor[is_stop])
    whole = stopped[itineraries.is_start_seen[stopped]]
    total = float(max(len(whole), 1))
    doors = max(1, len(layout.entrances))
    used = itineraries.entrance[whole]
    known = np.bincount(used[used >= 0], minlength=doors).astype(np.float64)
    if known.sum() <= 0:
        return np.full(doors, total / doors)
    return known * total / known.sum()
