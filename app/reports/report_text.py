"""Numbers, times and names of a report in its own language, whatever the program speaks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from analytics.domain.errors import Phrase, fill_template
from analytics.domain.exhibition import Interval
from analytics.reports.cell_text import DASH, format_rounded
from app.core.document import Venue
from app.demo.demo_exhibition import is_demo_venue
from resources.translations import load_translations


@dataclass(frozen=True, slots=True)
class ReportText:
    """Speaks one language about one venue."""

    language: str
    time_zone: str
    is_demonstration: bool

    @staticmethod
    def of(venue: Venue, language: str) -> ReportText:
        """For a venue's reports; ``language`` is ``en`` or ``zh_CN``."""
        return ReportText(language, venue.exhibition.time_zone, is_demo_venue(venue))

    def tr(self, text: str, **fields: object) -> str:
        """The text in the report's language, its ``{fields}`` filled in as ``str.format`` does."""
        translated = load_translations(self.language).gettext(text)
        return translated.format(**fields) if fields else translated

    def trn(self, singular: str, plural: str, n: int, **fields: object) -> str:
        """As ``tr``, with the form of the text that a number asks for; the number is the field ``n``."""
        found = load_translations(self.language).ngettext(singular, plural, n)
        return found.format(n=self.number(n), **fields)

    def tell(self, phrase: Phrase) -> str:
        """A phrase in the report's language, the names of the demonstration in it, too."""
        if not phrase.template:
            return ""
        zone = phrase.fields.get("zone")
        named = (
            replace(phrase, fields={**phrase.fields, "zone": self.name(zone)})
            if isinstance(zone, str)
            else phrase
        )
        return fill_template(named.template, named.fields, load_translations(self.language).gettext)

    def name(self, name: str) -> str:
        """How a name is shown; those of the demonstration are translated."""
        if not self.is_demonstration:
            return name
        return load_translations(self.language).pgettext("demonstration", name)

    def number(self, value: float | None, decimals: int = 0) -> str:
        """A number, its thousands set apart; a dash for what is not known."""
        return DASH if value is None else format_rounded(value, decimals).replace("-", "−")

    def share(self, value: float | None, decimals: int = 0) -> str:
        """A share of one in percent."""
        return DASH if value is None else self.tr("{share} %", share=self.number(100 * value, decimals))

    def duration(self, seconds: float | None) -> str:
        """Seconds, from two minutes on as minutes and seconds, from an hour on with hours."""
        if seconds is None:
            return DASH
        if seconds < 120:
            return self.tr("{value} s", value=self.number(seconds, 0 if seconds >= 10 else 1))
        minutes, rest = divmod(round(seconds), 60)
        if minutes < 60:
            return self.tr("{clock} min", clock=f"{minutes}:{rest:02d}")
        return self.tr("{clock} h", clock=f"{minutes // 60}:{minutes % 60:02d}")

    def interval(self, low: str, high: str) -> str:
        """From the lowest to the highest."""
        return self.tr("{low} to {high}", low=low, high=high)

    def change(self, now: float | None, before: float | None) -> str:
        """How much more or less, in percent; empty where nothing can be said."""
        if now is None or not before:
            return ""
        # what is rounded to nothing has no sign
        percent = round(100 * (now / before - 1)) or 0
        sign = "+" if percent > 0 else ""
        return self.tr("{change} % against the period before", change=sign + self.number(percent))

    def moment(self, time_s: float, within_s: Interval) -> str:
        """A time of day on the venue's own clock, with its day where a period has several."""
        zone = ZoneInfo(self.time_zone)
        first, last = (datetime.fromtimestamp(at, zone).date() for at in (within_s[0], within_s[1] - 1.0))
        moment = datetime.fromtimestamp(time_s, zone)
        return f"{moment:%H:%M}" if first == last else f"{moment:%Y-%m-%d %H:%M}"

    def period(self, period_s: Interval) -> str:
        """A period on the venue's own clock; a day is named once, and alone where it is whole."""
        zone = ZoneInfo(self.time_zone)
        start, end = (datetime.fromtimestamp(at, zone) for at in period_s)
        if start.date() == end.date():
            return f"{start:%Y-%m-%d} {start:%H:%M}–{end:%H:%M}"
        last = datetime.fromtimestamp(period_s[1] - 1.0, zone)
        if f"{start:%H:%M}{end:%H:%M}" == "00:0000:00":
            return (
                f"{start:%Y-%m-%d}" if start.date() == last.date() else f"{start:%Y-%m-%d} – {last:%Y-%m-%d}"
            )
        return f"{start:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M}"
