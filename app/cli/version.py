"""``version``: which ExpoFlow and which libraries this is."""

from __future__ import annotations

from typing import Annotated

import typer

from app.console.console import print_json, print_table
from app.console.language import tr


def version(
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
    licences: Annotated[
        bool, typer.Option("--licences", help="Every package inside, with its version and licence.")
    ] = False,
) -> None:
    """Say which version this is, and of which libraries."""
    if licences:
        _print_licences(as_json=as_json)
        return
    from app.core.versions import collect_versions

    versions = collect_versions()
    if as_json:
        print_json(versions)
    else:
        print_table(("component", "version"), [(name, text) for name, text in versions.items()])


def _print_licences(*, as_json: bool) -> None:
    from app.doctor.licences import WITHIN, read_licences, sort_licences

    packages = [(each.name, each.version, each.licence) for each in sort_licences(read_licences())]
    packages += [(name, "", licence) for name, licence in WITHIN]
    if as_json:
        print_json([dict(zip(("name", "version", "licence"), row, strict=True)) for row in packages])
        return
    for name, number, licence in packages:
        typer.echo(f"{name} {number}".strip() + ": " + (licence or tr("not stated")))
