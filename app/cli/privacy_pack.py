"""``privacy-pack``: record of processing, entrance sign and notes of a venue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import say
from app.cli.language import check_language, tr, translate


def privacy_pack(
    venue: Annotated[Path, typer.Option(help="The venue's folder.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    language: Annotated[str, typer.Option(help="The sign always has both.", callback=check_language)] = "en",
) -> None:
    """Write what a venue needs to tell visitors and authorities, from its real settings; no legal advice."""
    from app.access.guard import doing
    from app.access.roles import Permission
    from app.operations.privacy_notes import NO_ADVICE
    from app.operations.privacy_pack import make_privacy_pack
    from app.print.privacy_files import write_privacy_pack
    from app.venue.file_format import read_venue

    known = read_venue(venue)
    with doing(known.folder, Permission.EXPORT_REPORTS, "privacy pack written", {"folder": out.name}):
        files = write_privacy_pack(out, make_privacy_pack(known, language=language))
    for file in files:
        say(tr("{file} was written.", file=str(file)))
    say(translate(NO_ADVICE.template))
