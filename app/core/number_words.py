"""Numbers with their intervals, and lists of names, formatted in one language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Protocol

from analytics.domain.arrays import Interval
from analytics.domain.errors import Phrase
from resources.translations import load_translations

if TYPE_CHECKING:
    from analytics.evaluation.scores import Score
    from analytics.metrics.estimate import Estimate

ROUGH = "≈ "
"""Mark before a number that suffers from people who are missed."""


class Words(Protocol):
    """Texts in a language."""

    def tr(self, text: str, **fields: object) -> str:
        """Return a text in the language."""

    def name(self, name: str) -> str:
        """Return a name as shown."""

    def translate(self, phrase: Phrase) -> str:
        """Return a phrase in the language."""

    def share(self, value: float | None, decimals: int = 0) -> str:
        """Format a fraction of one in percent."""


class Wording(Words, Protocol):
    """Texts and numbers in a language, as ``ReportText`` has them."""

    def trn(self, singular: str, plural: str, n: int, **fields: object) -> str:
        """Return a text in the plural form for ``n``."""

    def number(self, value: float | None, decimals: int = 0) -> str:
        """Format a number."""

    def rough(self, measured: Estimate, format_value: Callable[[float | None], str]) -> str:
        """Format a value, marked where it suffers from people who are missed."""

    def duration(self, seconds: float | None) -> str:
        """Format seconds."""

    def moment(self, time_s: float, within_s: Interval) -> str:
        """Format a local time of day."""


def join_list(words: Sequence[Phrase | str]) -> Phrase | str:
    """Join names as a list for use in a sentence; empty for no names."""
    if not words:
        return ""
    listed: Phrase | str = words[0]
    for word in words[1:]:
        listed = Phrase("{list}, {next}", {"list": listed, "next": word})
    return listed


_ZONE_FIELDS = ("zone", "zones", "controls", "entrance", "first", "second")


def rename_zones(fields: Mapping[str, object], rename: Callable[[str], str]) -> dict[str, object]:
    """Return the fields of a phrase with other names of its zones, in lists of ``join_list`` as well."""
    return {name: _rename(value, rename) if name in _ZONE_FIELDS else value for name, value in fields.items()}


def _rename(value: object, rename: Callable[[str], str]) -> object:
    if isinstance(value, Phrase):
        return Phrase(value.template, {name: _rename(part, rename) for name, part in value.fields.items()})
    return rename(value) if isinstance(value, str) else value


def join_phrases(phrases: Sequence[Phrase]) -> Phrase | None:
    """Join sentences into one phrase; None if there are none."""
    if not phrases:
        return None
    return reduce(lambda one, other: Phrase("{one} {other}", {"one": one, "other": other}), phrases)


NONE = "–"


class Translator(Protocol):
    """A function that translates a text and fills in its ``{fields}`` as `str.format` does."""

    def __call__(self, text: str, **fields: object) -> str:
        """Translate a text."""


def make_translator(language: str) -> Translator:
    """Return translations into ``en`` or ``zh_CN``, independent of the program's language."""
    catalogue = load_translations(language)

    def tr(text: str, **fields: object) -> str:
        translated = catalogue.gettext(text)
        return translated.format(**fields) if fields else translated

    return tr


def format_percent(share: float, tr: Translator, *, signed: bool = False) -> str:
    """Format a share in per cent; integers without decimals."""
    value = 100 * share
    if abs(value - round(value)) < 1e-9 and abs(value) >= 1:
        return tr("{value:+.0f} %", value=value) if signed else tr("{value:.0f} %", value=value)
    return tr("{value:+.1f} %", value=value) if signed else tr("{value:.1f} %", value=value)


def format_share(score: Score, tr: Translator) -> str | None:
    """Format a share as ``96.2 %``; None without a value."""
    return None if score.value is None else tr("{value:.1f} %", value=100 * score.value)


def format_signed(score: Score, tr: Translator) -> str | None:
    """Format an error as ``-2.1 %``; None without a value."""
    return None if score.value is None else tr("{value:+.1f} %", value=100 * score.value)


def format_metres(score: Score, tr: Translator) -> str | None:
    """Format a length as ``0.21 m``; None without a value."""
    return None if score.value is None else tr("{length:.2f} m", length=score.value)


def format_share_interval(score: Score, tr: Translator) -> str:
    """Format both ends of the interval of a share."""
    return _format_interval(score, lambda low, high: tr("{low:.1f} to {high:.1f} %", low=low, high=high))


def format_signed_interval(score: Score, tr: Translator) -> str:
    """Format both ends of the interval of an error."""
    return _format_interval(score, lambda low, high: tr("{low:+.1f} to {high:+.1f} %", low=low, high=high))


def format_metres_interval(score: Score, tr: Translator) -> str:
    """Format both ends of the interval of a length."""
    return _format_interval(
        score, lambda low, high: tr("{low:.2f} to {high:.2f} m", low=low / 100, high=high / 100)
    )


def join_interval(value: str | None, interval: str) -> str:
    """Join a value with its interval in brackets; a dash without a value."""
    if value is None:
        return NONE
    return f"{value} ({interval})" if interval else value


def _format_interval(score: Score, format_value: Callable[[float, float], str]) -> str:
    if score.value is None or score.interval is None:
        return ""
    return format_value(100 * score.interval[0], 100 * score.interval[1])
