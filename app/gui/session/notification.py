"""A message to the user: a sentence and a remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Notification:
    """A sentence and a remedy.

    Attributes:
        tone: ``bad``, ``good`` or ``neutral``.
        leads_to_models: the detection model that ships mends it.
        leads_to_view_of: name of a camera; where it looks is to be looked at. Empty for none.
        on_closed: called when somebody closes it; None: nothing comes of it.
        rebuild: gives the same in the language in force; None where nothing else can be said.
    """

    problem: str
    remedy: str = ""
    tone: str = "bad"
    leads_to_models: bool = False
    leads_to_view_of: str = ""
    on_closed: Callable[[], object] | None = field(default=None, compare=False, repr=False)
    rebuild: Callable[[], Notification] | None = field(default=None, compare=False, repr=False)
