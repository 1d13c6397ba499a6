"""``version``: which ExpoFlow and which libraries this is."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.console import print_json, print_table


def version(as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False) -> None:
    """Say which version this is, and of which libraries."""
    from app.operations.versions import collect_versions

    versions = collect_versions()
    if as_json:
        print_json(versions)
    else:
        print_table(("component", "version"), [(name, text) for name, text in versions.items()])
