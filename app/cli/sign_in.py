"""Who gives a command: asked for where its venue has users, before the command does anything."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from app.console.language import tr

if TYPE_CHECKING:
    from app.access.guard import Actor

USER_VARIABLE = "EXPOFLOW_USER"
PASSWORD_VARIABLE = "EXPOFLOW_PASSWORD"  # noqa: S105 - the name of a variable
VENUE_PARAMETERS = ("venue", "folder", "into", "other_venue")
"""How commands call the folder of a venue."""
UNATTENDED = frozenset({"record", "schedule run", "serve", "venue prepare"})
"""Run by the system without anybody who could sign in; they may do what the role *service* may."""
WITHOUT_SIGN_IN = frozenset({"gui", "doctor", "demo-exhibition", "venue create"})
"""The window asks by itself; the doctor tells no figures and must work where signing in does not."""


NEEDED = {
    "service install": "CHANGE_SETTINGS",
    "service remove": "CHANGE_SETTINGS",
    "service password": "EDIT_CAMERAS",
}
"""Permissions of commands whose work is not in the venue, where an operation asks for them."""
OF_THE_MACHINE = {
    "cameras share": "EDIT_CAMERAS",
    "models get": "CHANGE_SETTINGS",
    "models import": "CHANGE_SETTINGS",
    "models export": "CHANGE_SETTINGS",
    "schedule webhook-secret": "SCHEDULE",
}
"""Permissions of commands that change this machine for all venues. They name none, so that they are asked for
in one that was opened last: the window asks in the one that is open."""


def guard_commands(command: Any, path: tuple[str, ...] = ()) -> Any:
    """Let every command of a tree ask who gives it; gives the same tree.

    Args:
        command: of Typer; its kind is Typer's own business.
    """
    name = " ".join(path)
    if path and command.callback is not None and name not in WITHOUT_SIGN_IN:
        command.callback = _ask_first(command.callback, name)
    for sub_name, sub_command in getattr(command, "commands", {}).items():
        guard_commands(sub_command, (*path, sub_name))
    return command


def ask_as(user: str | None) -> None:
    """Begin a command with nobody at work; a name given on the command line is who signs in."""
    from app.access.guard import ask_by, forget_everybody

    forget_everybody()
    ask_by(functools.partial(_sign_in, user))


def _ask_first(callback: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(callback)
    def run(*args: Any, **kwargs: Any) -> Any:
        asked_in = find_last_venue() if name in OF_THE_MACHINE else None
        if asked_in is not None:
            from app.access.guard import doing
            from app.access.roles import Permission

            with doing(asked_in, Permission[OF_THE_MACHINE[name]], "command given", {"command": name}):
                return callback(*args, **kwargs)
        for parameter in VENUE_PARAMETERS:
            folder = kwargs.get(parameter)
            if isinstance(folder, Path) and folder.is_dir():
                _identify(folder, name, asks_to_stop=bool(kwargs.get("stop")))
        return callback(*args, **kwargs)

    return run


def find_last_venue() -> Path | None:
    """Return of the venues opened last the first that has users, else the first.

    None: there is none, or this is the child of a window, which has asked already.

    Raises:
        VenueError: who may use one of them cannot be understood.
    """
    from app.access.access_file import read_access
    from app.error_reporting import PACKED_ERRORS
    from app.settings.file import read_settings

    if os.environ.get(PACKED_ERRORS):
        return None
    there = [folder for folder in read_settings().settings.recent_venues if folder.is_dir()]
    return next((folder for folder in there if not read_access(folder).is_open), there[0] if there else None)


def _identify(folder: Path, name: str, *, asks_to_stop: bool) -> None:
    from app.access.guard import SERVICE, act_as, require
    from app.access.roles import Permission

    if name in UNATTENDED and not asks_to_stop:
        act_as(folder, SERVICE)
        return
    needed = Permission.RECORD if asks_to_stop else Permission[NEEDED.get(name, "SEE_FIGURES")]
    require(folder, needed, action="command given", what={"command": name})


def _sign_in(user: str | None, folder: Path) -> Actor:
    from analytics.domain.errors import AccessError
    from app.access.signing_in import sign_in

    password = os.environ.pop(PASSWORD_VARIABLE, None)
    if not user or (password is None and not sys.stdin.isatty()):
        raise AccessError(
            "'{venue}' has users, and it is not known who gives this command.",
            "Write python -m app --user NAME before the command, or set {user_variable}; the password is "
            "asked for, or taken from {password_variable}.",
            venue=folder.stem,
            user_variable=USER_VARIABLE,
            password_variable=PASSWORD_VARIABLE,
        )
    if password is None:
        password = typer.prompt(tr("Password of {user}", user=user), hide_input=True, err=True)
    return sign_in(folder, user, password)
