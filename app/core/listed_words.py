"""Several names in a sentence, with the mark between them that its language has."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.domain.errors import Phrase


def list_words(words: Sequence[Phrase | str]) -> Phrase | str:
    """One after the other, for a field of a phrase; nothing of none."""
    if not words:
        return ""
    listed: Phrase | str = words[0]
    for word in words[1:]:
        listed = Phrase("{list}, {next}", {"list": listed, "next": word})
    return listed
