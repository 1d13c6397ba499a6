"""Numbers, times and names in the language of a report, which may differ from the program's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from analytics.domain.errors import Phrase, fill_template
from analytics.domain.exhibition import Interval
from analytics.results.cell_text import DASH, format_rounded
from analytics.results.content import CellKind, KeyFigure, ReportColumn
from analytics.results.zone_figures import MEAN_DWELL, VISITS
from app.core.document import Venue
from app.core.number_words import rename_zones
from app.demo.ready_venue import is_demo_venue
from app.exhibition.exhibition_figures import ATTRACTION, CAME_NEAR, ENGAGED_MINUTES, STOPPED
from resources.translations import load_translations

_PEAK = ("Peak occupancy", "Maximum of the mean people in view per minute.")
_COLUMNS = (CAME_NEAR, VISITS, STOPPED, MEAN_DWELL, ATTRACTION, ENGAGED_MINUTES)
FIGURES: Mapping[str, tuple[str, str]] = {
    "day": ("Day", ""),
    "footfall": ("Footfall", "Inward crossings of the entrance lines."),
    "peak": _PEAK,
    "peak_people": _PEAK,
    "total-time": (
        "Mean time per visitor",
        "Total time spent on the observed floor, divided by the visitors who came.",
    ),
    "zones-visited": (
        "Share of zones visited",
        "Zones that a visitor visits, as a share of all zones except doors.",
    ),
    **{column.key: (column.title.template, column.definition.template) for column in _COLUMNS},
}
"""Title and definition of figures used in several sections, by their keys in files for machines."""


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

    def column(
        self, key: str, kind: CellKind, *, decimals: int = 0, has_interval: bool = False
    ) -> ReportColumn:
        """Return the column of one of `FIGURES`."""
        title, definition = map(self.tr, FIGURES[key])
        return ReportColumn(key, title, kind, "", decimals, definition, has_interval)

    def figure(
        self,
        key: str,
        value: float | None,
        format_value: Callable[[float | None], str],
        limits: Sequence[float] | None = None,
        *,
        change: str = "",
        is_change_real: bool = False,
    ) -> KeyFigure:
        """Return one of `FIGURES` as a key figure, its value and limits as ``format_value`` writes them."""
        name, definition = map(self.tr, FIGURES[key])
        interval = "" if limits is None else self.interval(format_value(limits[0]), format_value(limits[1]))
        return KeyFigure(key, name, value, format_value(value), interval, change, is_change_real, definition)

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
        return f"{moment:%H:%M}" if first == last else f"{moment:%Y-%m-%d %H:%M}"

    def period(self, period_s: Interval) -> str:
        """Format a period in local time; a day is given once, and alone if it is whole."""
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
