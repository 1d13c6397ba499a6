"""Several names in a sentence, with the mark between them that its language has."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

from analytics.domain.errors import Phrase

if TYPE_CHECKING:
    pass


def list_words(words: Sequence[Phrase | str]) -> Phrase | str:
    """One after the other, for a field of a phrase; nothing of none."""
    if not words:
        return ""
    listed: Phrase | str = words[0]
    for word in words[1:]:
        listed = Phrase("{list}, {next}", {"list": listed, "next": word})
    return listed


def join_phrases(phrases: Sequence[Phrase]) -> Phrase | None:
    """Return sentences as one; None where there are none."""
    if not phrases:
        return None
    return reduce(lambda one, other: Phrase("{one} {other}", {"one": one, "other": other}), phrases)
