"""Which page a venue was left at, and which one it opens with."""

from __future__ import annotations

import json

from PySide6.QtCore import QSettings

from app.gui.pages import PAGES_WITHOUT_A_VENUE, Page
from app.venue.document import Venue

_KEY = "pages"
MOST_VENUES = 50
"""Of those that were looked at before, the oldest are forgotten."""


class PageMemory:
    """Kept with the window's place on the screen: for the account, whoever signs in."""

    def __init__(self, settings: QSettings | None) -> None:
        """``settings``: None remembers nothing."""
        self._settings = settings

    def keep(self, venue: Venue, page: int) -> None:
        """Remember that this page was chosen last; those that are about no venue are passed over."""
        if self._settings is None or page in PAGES_WITHOUT_A_VENUE:
            return
        known = self._read()
        known.pop(str(venue.folder), None)
        known[str(venue.folder)] = Page(page).name
        self._settings.setValue(_KEY, json.dumps(dict(list(known.items())[-MOST_VENUES:])))

    def choose(self, venue: Venue, *, shown: int) -> Page:
        """The page to open a venue with: where it was left, else what somebody has already chosen.

        Otherwise what happens now, of a venue that has zones and a history; of one that is being set up, its
        cameras.
        """
        name = self._read().get(str(venue.folder), "")
        if name in Page.__members__:
            return Page[name]
        if shown not in (Page.LIVE, Page.SETTINGS):
            return Page(shown)
        has_zones = bool(venue.geometry_versions[-1].zones)
        return Page.NOW if has_zones and venue.has_history else Page.LIVE

    def _read(self) -> dict[str, str]:
        if self._settings is None:
            return {}
        try:
            known = json.loads(str(self._settings.value(_KEY, "{}")))
        except ValueError:
            return {}
        return {str(key): str(name) for key, name in known.items()} if isinstance(known, dict) else {}
