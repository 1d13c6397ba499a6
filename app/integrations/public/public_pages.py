"""The page for visitors and the signs at doors, as HTML; unobserved is no data, never zero."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cache
from typing import TYPE_CHECKING

from analytics.domain.clock import Clock
from analytics.domain.errors import Phrase, fill_template
from analytics.domain.exhibition import find_time_zone
from analytics.domain.zone_targets import AlarmMeasure
from analytics.results.data_sets import MIN_VISITORS
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.public.public_settings import PublicSettings
from app.integrations.public.usual_day import UsualHour
from app.integrations.web_server import load_catalogue
from app.live.busyness import Busyness, judge_busyness
from resources.files import resource_path
from resources.translations import LANGUAGES, name_language

if TYPE_CHECKING:
    from jinja2 import Environment

MAX_AGE_S = 10.0
"""Age from which a snapshot no longer counts as current."""
MAX_TOLD_S = 3600.0
"""Age up to which the last known state is told with its age."""
SIGN_REFRESH_S = 5
HALL = ""
_STATES = {Busyness.FREE: Phrase("Free"), Busyness.BUSY: Phrase("Busy"), Busyness.FULL: Phrase("Full")}


@dataclass(frozen=True, slots=True)
class WebDocument:
    """The bytes of an answer, plain and compressed, with their entity tag."""

    body: bytes
    media_type: str
    compressed: bytes
    tag: str


def make_document(body: bytes, media_type: str) -> WebDocument:
    """Return an answer."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    return WebDocument(body, media_type, gzip.compress(body, 6, mtime=0), tag)


@dataclass(frozen=True, slots=True)
class PlaceState:
    """A place at a time, seconds since the epoch; ``people`` is None where it was not observed."""

    at_utc_s: float
    people: int | None = None
    capacity: int | None = None
    state: Busyness | None = None


@dataclass(frozen=True, slots=True)
class _Shown:
    """All places of one snapshot, and when each was last observed."""

    number: int = 0
    venue: str = ""
    at_utc_s: float | None = None
    places: Mapping[str, PlaceState] = field(default_factory=dict)
    seen: Mapping[str, PlaceState] = field(default_factory=dict)


class PublicPages:
    """The pages of the published places, each rendered once for a snapshot and a language."""

    def __init__(
        self,
        settings: PublicSettings,
        *,
        venue: str,
        time_zone: str,
        clock: Clock,
        list_hours: Callable[[], Mapping[str, Sequence[UsualHour]]] = dict,
    ) -> None:
        """Start without data.

        Args:
            list_hours: returns the usual hours of each place; of the hall by the empty name.
        """
        self.places = (*((HALL,) if settings.shows_hall else ()), *settings.zones)
        self._clock, self._list_hours = clock, list_hours
        self._zone = find_time_zone(time_zone)
        self._shown = _Shown(venue=venue)
        self._lock = threading.Lock()
        self._rendered: dict[tuple[str | None, str], tuple[tuple[int, int, int], WebDocument]] = {}

    def take(self, snapshot: HallSnapshot) -> None:
        """Show a snapshot from now on."""
        alarms = {alarm.key.zone for alarm in snapshot.alarms if alarm.key.measure is AlarmMeasure.PEOPLE}
        figures = {HALL: (snapshot.people, snapshot.capacity)}
        figures |= {zone.name: (zone.people, zone.capacity) for zone in snapshot.zones}
        places = {
            name: PlaceState(
                snapshot.at_utc_s,
                people,
                capacity,
                judge_busyness(people, capacity, has_alarm=name in alarms),
            )
            for name, (people, capacity) in figures.items()
            if name in self.places
        }
        seen = {name: place for name, place in places.items() if place.people is not None}
        last = self._shown
        self._shown = _Shown(last.number + 1, last.venue, snapshot.at_utc_s, places, {**last.seen, **seen})

    def render(self, sign: str | None, language: str) -> WebDocument:
        """Return the page for visitors, or the sign of a place.

        Args:
            sign: name of a published zone, or `HALL`; None for the page for visitors.
        """
        shown, now_utc_s = self._shown, self._clock.now_utc_s()
        hours = self._list_hours()
        # without a new snapshot the page ages
        stamp = shown.number, int((now_utc_s - (shown.at_utc_s or 0.0)) // MAX_AGE_S), id(hours)
        with self._lock:
            known = self._rendered.get((sign, language))
            if known is None or known[0] != stamp:
                page = _Page(shown, now_utc_s, self._zone, language, hours)
                text = page.render_now(self.places) if sign is None else page.render_sign(sign)
                known = stamp, make_document(text.encode(), "text/html; charset=utf-8")
                self._rendered[sign, language] = known
            return known[1]


@cache
def _load_templates() -> Environment:
    # loaded by what serves the pages alone
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(resource_path("web")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class _Page:
    """A page in one language at one moment."""

    def __init__(
        self,
        shown: _Shown,
        now_utc_s: float,
        zone: tzinfo,
        language: str,
        hours: Mapping[str, Sequence[UsualHour]],
    ) -> None:
        self._shown, self._now_utc_s, self._zone = shown, now_utc_s, zone
        self._language, self._hours = language, hours
        self._catalogue = load_catalogue(language)
        self._is_current = shown.at_utc_s is not None and now_utc_s - shown.at_utc_s <= MAX_AGE_S

    def render_now(self, names: Sequence[str]) -> str:
        places = [self._describe(name) | self._describe_hours(name) for name in names]
        return self._render("now.html.j2", places=places, title=self._shown.venue)

    def render_sign(self, name: str) -> str:
        place = self._describe(name)
        return self._render("sign.html.j2", place=place, title=place["name"], refresh_s=SIGN_REFRESH_S)

    def _tr(self, text: str, **fields: object) -> str:
        return fill_template(text, fields, self._catalogue.gettext)

    def _trn(self, one: str, many: str, count: int) -> str:
        return self._catalogue.ngettext(one, many, count).format(n=count)

    def _render(self, template: str, **values: object) -> str:
        words = {
            "updated": ""
            if self._shown.at_utc_s is None
            else self._tr("Updated at {time}", time=self._name_time(self._shown.at_utc_s)),
            "few": self._tr("Counts below five people are not shown. No picture is stored or shown."),
            "hour": self._tr("Hour"),
            "usual": self._tr("Compared with the busiest hour"),
            "language": self._tr("Language"),
        }
        languages = [(code, code.replace("_", "-"), name_language(code)) for code in LANGUAGES]
        return (
            _load_templates()
            .get_template(template)
            .render(words=words, language=self._language.replace("_", "-"), languages=languages, **values)
        )

    def _describe(self, name: str) -> dict[str, object]:
        """Return the words of a place at this moment."""
        words: dict[str, object] = {
            "name": name or self._tr("Whole hall"),
            "state": "none",
            "word": self._tr("No data"),
            **dict.fromkeys(("people", "capacity", "share", "age"), ""),
        }
        place = self._shown.places.get(name) if self._is_current else None
        if place is None or place.people is None:
            return words | {"age": self._describe_last(name)}
        is_few = place.people < MIN_VISITORS
        if place.state is None:
            words |= {"state": "open", "word": ""}
        else:
            words |= {"state": place.state.value, "word": self._tr(str(_STATES[place.state]))}
        people = self._trn("{n} person", "{n} people", place.people)
        words["people"] = self._tr("fewer than 5 people") if is_few else people
        if place.capacity is not None:
            words["capacity"] = self._tr("room for {capacity}", capacity=place.capacity)
            share = round(100 * place.people / place.capacity)
            words["share"] = "" if is_few else self._tr("{share} %", share=share)
        return words

    def _describe_last(self, name: str) -> str:
        """Return how old the last known state is; empty if it is too old or was never known."""
        last = self._shown.seen.get(name)
        if last is None or self._now_utc_s - last.at_utc_s > MAX_TOLD_S:
            return ""
        minutes = max(1, round((self._now_utc_s - last.at_utc_s) / 60.0))
        ago = self._trn("last data {n} minute ago", "last data {n} minutes ago", minutes)
        if last.state is None:
            return ago
        return self._tr("{age}: {state}", age=ago, state=_STATES[last.state])

    def _describe_hours(self, name: str) -> dict[str, object]:
        hours = self._hours.get(name, ())
        if not hours:
            return {"hours": (), "summary": ""}
        quiet, busy = (choose(hours, key=lambda one: one.share) for choose in (min, max))
        return {
            "hours": [
                (
                    _name_hour(one.hour),
                    round(100 * one.share),
                    self._tr("{share} %", share=round(100 * one.share)),
                )
                for one in hours
            ],
            "summary": self._tr(
                "Usually quietest {quiet}, busiest {busy}",
                quiet=_name_hour(quiet.hour),
                busy=_name_hour(busy.hour),
            ),
        }

    def _name_time(self, at_utc_s: float) -> str:
        return datetime.fromtimestamp(at_utc_s, self._zone).strftime("%H:%M")


def _name_hour(hour: int) -> str:
    return f"{hour:02d}:00–{(hour + 1) % 24:02d}:00"
