"""The modules that speak on the command line: each subject's ``cli.py``, and what all of them share."""

from __future__ import annotations

from pathlib import Path

APP = Path(__file__).parents[2] / "app"


def list_command_modules() -> list[Path]:
    """Return the files of commands, in order; at least one for every subject that has any."""
    found = [*APP.glob("cli/*.py"), *APP.glob("console/*.py"), *APP.glob("**/*cli.py")]
    return sorted(set(found))
