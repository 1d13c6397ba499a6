"""``updates``: whether a release feed is asked for newer versions, off unless somebody switches it on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import print_json, say
from app.cli.language import tr

if TYPE_CHECKING:
    from app.settings.update_file import UpdateChoice

app = typer.Typer(help="Whether it is asked once a day if there is a newer version; off by default.")
_VenueOption = Annotated[
    Path | None, typer.Option("--venue", help="Whose users decide; the one opened last if left out.")
]


@app.command("on")
def switch_on(
    address: Annotated[
        str | None, typer.Option(help="Of a release feed, https; the one given last if left out.")
    ] = None,
    venue: _VenueOption = None,
) -> None:
    """Ask a release feed once a day for the newest version. Nothing is fetched or installed."""
    from app.operations.update_notice import find_last_venue, switch_updates

    choice = switch_updates(venue or find_last_venue(), is_on=True, address=address)
    say(
        tr(
            "{address} is asked once a day, while a window is open or by 'updates look'. It learns the "
            "address of this machine, and nothing else.",
            address=choice.address,
        )
    )


@app.command("off")
def switch_off(venue: _VenueOption = None) -> None:
    """Ask nobody any more."""
    from app.operations.update_notice import find_last_venue, switch_updates

    switch_updates(venue or find_last_venue(), is_on=False)
    say(tr("Nobody is asked for newer versions."))


@app.command("show")
def show(as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False) -> None:
    """Say whether somebody is asked, and what was found last; connects to nobody."""
    from app.settings.update_file import read_updates

    _tell(read_updates(), as_json=as_json)


@app.command("look")
def look(as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False) -> None:
    """Ask the release feed now, unless it was asked within a day; it has to be switched on."""
    from app.operations.update_notice import look_for_update

    _tell(look_for_update(), as_json=as_json)


def _tell(choice: UpdateChoice, *, as_json: bool) -> None:
    from analytics.domain.clock import format_utc
    from app.operations.update_notice import find_news
    from app.operations.versions import find_own_version

    news = find_news(choice)
    looked_utc = None if choice.looked_utc_s is None else format_utc(choice.looked_utc_s)
    current = find_own_version()
    if as_json:
        print_json(
            {
                "is_on": choice.is_on,
                "address": choice.address,
                "looked_utc": looked_utc,
                "has_failed": choice.has_failed,
                "version": current,
                "newer_version": None if news is None else news.version,
                "page": None if news is None else news.page,
            }
        )
        return
    if not choice.is_on:
        say(tr("Nobody is asked for newer versions."))
        return
    say(
        tr("{address} is asked once a day; last: {moment}.", address=choice.address, moment=looked_utc or "–")
    )
    if choice.has_failed:
        say(tr("It gave no answer that could be used."))
    elif news is not None:
        say(
            tr(
                "ExpoFlow {version} is out; this is {current}. {page}",
                version=news.version,
                current=current,
                page=news.page,
            )
        )
    elif looked_utc is not None:
        say(tr("This is the newest version: {current}.", current=current))
