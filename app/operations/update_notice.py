"""Whether there is a newer ExpoFlow: asked once a day at most, and only where an administrator has said so.

Nothing is asked as long as nobody has switched it on, and nothing is ever fetched or installed: what comes
of it is a sentence. The choice is this machine's; it is asked for, and recorded, in the venue that is open or
was opened last.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from analytics.domain.clock import Clock, SystemClock
from app.access.access_file import read_access
from app.access.guard import doing
from app.access.roles import Permission
from app.operations.release_feed import Release, UpdateError, ask_feed, is_newer
from app.operations.versions import find_own_version
from app.settings.file import read_settings
from app.settings.update_file import LONGEST_ADDRESS, UpdateChoice, read_updates, write_updates
from app.venue.web_address import is_web_address

LOOK_EVERY_S = 86_400.0
_CLOCKS_DIFFER_S = 60.0
FEED_LABEL = "release feed"
"""Of an address among the project's own (``project.urls``) that is a feed; there is none yet."""

Ask = Callable[[str], Release | None]


def find_last_venue() -> Path | None:
    """Of the venues that this account opened last the first that has users, else the first; None: none.

    Raises:
        VenueError: who may use one of them cannot be understood.
    """
    there = [folder for folder in read_settings().settings.recent_venues if folder.is_dir()]
    return next((folder for folder in there if not read_access(folder).is_open), there[0] if there else None)


def find_own_address() -> str:
    """The feed that the project itself names; empty: none."""
    try:
        named = metadata.metadata("expoflow").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return ""
    pairs = (entry.split(",", 1) for entry in named if "," in entry)
    return next((url.strip() for label, url in pairs if label.strip().casefold() == FEED_LABEL), "")


def switch_updates(venue_folder: Path | None, *, is_on: bool, address: str | None = None) -> UpdateChoice:
    """Ask a release feed from now on, or nobody any more.

    Args:
        venue_folder: in which it is asked for and recorded; None: this account has opened none.
        address: of the feed; None: the one that was given last, else the project's own.

    Raises:
        AccessError: whoever is at work may not change what is connected; nothing was changed.
        UpdateError: it is no address that may be asked, or there is none.
        OutputError, StoreError: it cannot be written or recorded; nothing was changed.
    """
    before = read_updates()
    wanted = (address if address is not None else before.address or find_own_address()).strip()
    if is_on or address:
        _require_address(wanted)
    named = {"state": "on" if is_on else "off", "address": urlsplit(wanted).netloc}
    entry = (
        nullcontext()
        if venue_folder is None
        else doing(venue_folder, Permission.INTEGRATE, "looking for updates changed", named)
    )
    with entry:
        # what another feed said is not this one's
        known = before if wanted == before.address else UpdateChoice(dismissed=before.dismissed)
        choice = known.model_copy(update={"is_on": is_on, "address": wanted})
        write_updates(choice)
    return choice


def is_due(choice: UpdateChoice, now_utc_s: float) -> bool:
    """Whether the feed may be asked now: it is switched on, and was not asked for a day."""
    if not choice.is_on:
        return False
    since_s = None if choice.looked_utc_s is None else now_utc_s - choice.looked_utc_s
    # of a moment to come: the clock was wrong then or is now
    return since_s is None or since_s >= LOOK_EVERY_S or since_s < -_CLOCKS_DIFFER_S


def look_for_update(*, clock: Clock | None = None, ask: Ask = ask_feed) -> UpdateChoice:
    """Ask the feed if it is due, and remember what it said; else give what it said last.

    Raises:
        UpdateError: it is switched off, or gave no answer that can be used; it is asked again in a day.
        OutputError: that it was asked cannot be written, so it was not.
    """
    now_s = (clock or SystemClock()).now_utc_s()
    choice = read_updates()
    if not choice.is_on:
        raise UpdateError(
            "No release feed is asked: looking for updates is switched off.",
            "An administrator may switch it on: python -m app updates on --address URL",
        )
    if not is_due(choice, now_s):
        return choice
    # before it is asked: who is killed meanwhile does not ask again at every start
    choice = choice.model_copy(update={"looked_utc_s": now_s, "has_failed": True})
    write_updates(choice)
    release = ask(choice.address)
    found = (
        {"version": "", "page": ""} if release is None else {"version": release.version, "page": release.page}
    )
    choice = choice.model_copy(update={"has_failed": False, **found})
    write_updates(choice)
    return choice


def find_news(choice: UpdateChoice, current: str | None = None) -> Release | None:
    """The newer version that is known of; None: there is none, or nobody wants to look.

    Args:
        current: the version that runs; None: this one.
    """
    if not choice.is_on or not is_newer(choice.version, find_own_version() if current is None else current):
        return None
    return Release(choice.version, choice.page)


def dismiss_update(version: str) -> UpdateChoice:
    """Tell of this version no more; of a later one again.

    Raises:
        OutputError: it cannot be written.
    """
    choice = read_updates().model_copy(update={"dismissed": version})
    write_updates(choice)
    return choice


def _require_address(address: str) -> None:
    if not address:
        raise UpdateError(
            "It is not known whom to ask: this ExpoFlow names no release feed of its own.",
            "Give the address of one, such as https://api.github.com/repos/OWNER/NAME/releases/latest",
        )
    if len(address) > LONGEST_ADDRESS or not is_web_address(address):
        raise UpdateError(
            "'{address}' is no address of a release feed.",
            "Give one that begins with https:// and holds no user or password.",
            address=address[:LONGEST_ADDRESS],
        )
