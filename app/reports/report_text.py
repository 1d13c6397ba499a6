"""Numbers, times and names in the language of a report, which may differ from the program's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from analytics.domain.arrays import Interval
from analytics.domain.errors import Phrase, fill_template
from analytics.metrics.estimate import Estimate
from analytics.results.cell_text import DASH, format_rounded
from analytics.results.content import CellKind, KeyFigure
from analytics.results.figure_columns import FigureColumn
from app.core.document import Venue
from app.core.number_words import ROUGH, rename_zones
from app.demo.ready_venue import is_demo_venue
from resources.translations import load_translations


@dataclass(frozen=True, slots=True)
class ReportText:
    """Wording of a report in one language for one venue."""

    language: str
    time_zone: str
    is_demonstration: bool

    @staticmethod
    def of(venue: Venue, language: str) -> ReportText:
        """Return the text of a venue's reports; ``language`` is ``en`` or ``zh_CN``."""
        return ReportText(language, venue.exhibition.time_zone, is_demo_venue(venue))

    def tr(self, text: str, **fields: object) -> str:
        """Return the text in the report's language, with its ``{fields}`` filled in as by ``str.format``."""
        translated = load_translations(self.language).gettext(text) if text else ""
        return translated.format(**fields) if fields else translated

    def trn(self, singular: str, plural: str, n: int, **fields: object) -> str:
        """Return the text in the plural form for ``n``, which is also a field; otherwise as ``tr``."""
        translated = load_translations(self.language).ngettext(singular, plural, n)
        return translated.format(n=self.number(n), **fields)

    def list_page_texts(self, *, not_known: str = "not known") -> dict[str, str]:
        """Return the texts that pages need besides the sections, by an English key."""
        return {
            "page": self.tr("Page {page} of {pages}"),
            "share": self.tr("{share} %"),
            "heading": self.tr("{title} ({unit})"),
            "interval": self.tr("{low} to {high}"),
            "not known": self.tr(not_known),
            "not observed": self.tr("not observed"),
            "contents": self.tr("Contents"),
            "definitions": self.tr("Definitions"),
        }

    def format(self, value: float | None, column: FigureColumn[Any]) -> str:
        """Format the value of a declared column as a key figure, without decimals."""
        if column.kind is CellKind.SECONDS:
            return self.duration(value)
        return self.share(value) if column.kind is CellKind.SHARE else self.number(value)

    def figure(
        self,
        column: FigureColumn[Any],
        found: Estimate | float | None,
        *,
        change: str = "",
        is_change_real: bool = False,
    ) -> KeyFigure:
        """Return the value of a column as a key figure."""
        found = found if isinstance(found, Estimate) else Estimate(found)
        limits = () if found.interval is None else [self.format(limit, column) for limit in found.interval]
        return KeyFigure(
            column.key,
            self.translate(column.title),
            found.value,
            self.rough(found, lambda value: self.format(value, column)),
            self.interval(*limits) if limits else "",
            change,
            is_change_real,
            self.translate(column.definition),
        )

    def rough(self, measured: Estimate, format_value: Callable[[float | None], str]) -> str:
        """Format a value, marked where it suffers from people who are missed."""
        return ROUGH + format_value(measured.value) if measured.is_rough else format_value(measured.value)

    def translate(self, phrase: Phrase) -> str:
        """Return a phrase in the report's language, with the demonstration's names translated."""
        named = rename_zones(phrase.fields, self.name)
        return fill_template(phrase.template, named, load_translations(self.language).gettext)

    def name(self, name: str) -> str:
        """Return a name as shown; the demonstration's names are translated."""
        if not self.is_demonstration:
            return name
        return load_translations(self.language).pgettext("demonstration", name)

    def join(self, sentences: Iterable[str]) -> str:
        """Return the sentences that are not empty in a row; Chinese puts no space between them."""
        between = self.tr("{sentence} {next_sentence}", sentence="", next_sentence="")
        return between.join(filter(None, sentences))

    def number(self, value: float | None, decimals: int = 0) -> str:
        """Format a number with thousands separators; a dash if it is unknown."""
        return DASH if value is None else format_rounded(value, decimals).replace("-", "−")

    def share(self, value: float | None, decimals: int = 0) -> str:
        """Format a fraction of one in percent."""
        return DASH if value is None else self.tr("{share} %", share=self.number(100 * value, decimals))

    def duration(self, seconds: float | None) -> str:
        """Format seconds, from two minutes on with minutes, from an hour on with hours."""
        if seconds is None:
            return DASH
        if seconds < 120:
            return self.tr("{value} s", value=self.number(seconds, 0 if seconds >= 10 else 1))
        minutes, remaining_s = divmod(round(seconds), 60)
        if minutes < 60:
            return self.tr("{minutes}:{seconds} min", minutes=minutes, seconds=f"{remaining_s:02d}")
        return self.tr("{clock} h", clock=f"{minutes // 60}:{minutes % 60:02d}")

    def interval(self, low: str, high: str) -> str:
        """Format an interval from its low to its high limit."""
        return self.tr("{low} to {high}", low=low, high=high)

    def change(self, now: float | None, before: float | None) -> str:
        """Format a relative change in percent; empty if there is none to compare with."""
        if now is None or not before:
            return ""
        # zero has no sign
        percent = round(100 * (now / before - 1)) or 0
        sign = "+" if percent > 0 else ""
        return self.tr("{change} % from the previous period", change=sign + self.number(percent))

    def moment(self, time_s: float, within_s: Interval) -> str:
        """Format a local time of day, with its day if the period has several."""
        zone = ZoneInfo(self.time_zone)
        first, last = (datetime.fromtimestamp(at, zone).date() for at in (within_s[0], within_s[1] - 1.0))
        moment = datetime.fromtimestamp(time_s, zone)
        return f"{moment:%H:%M}" if first == last else f"{self.day(moment)} {moment:%H:%M}"

    def day(self, day: date) -> str:
        """Format a day: ISO in English, as it is written in Chinese."""
        return self.tr("{year}-{month:02d}-{day:02d}", year=day.year, month=day.month, day=day.day)

    def period(self, period_s: Interval) -> str:
        """Format a period in local time; a day is given once, and alone if it is whole."""
        zone = ZoneInfo(self.time_zone)
        start, end = (datetime.fromtimestamp(at, zone) for at in period_s)
        if start.date() == end.date():
            return f"{self.day(start)} {start:%H:%M}–{end:%H:%M}"
        last = datetime.fromtimestamp(period_s[1] - 1.0, zone)
        if f"{start:%H:%M}{end:%H:%M}" == "00:0000:00":
            first = self.day(start)
            return first if start.date() == last.date() else f"{first} – {self.day(last)}"
        return f"{self.day(start)} {start:%H:%M} – {self.day(end)} {end:%H:%M}"
