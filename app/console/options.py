"""Options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

VenueFolder = Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")]
VenueOption = Annotated[Path, typer.Option("--venue", help="The venue's folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
PasswordFromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]
