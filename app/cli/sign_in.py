"""Sign-in for commands whose venue has users, before the command starts."""

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
"""Parameter names of commands for the venue's folder."""
UNATTENDED = frozenset({"record", "schedule run", "serve", "venue prepare"})
"""Commands run unattended by the system, with the permissions of the role *service*."""
WITHOUT_SIGN_IN = frozenset({"gui", "doctor", "demo-exhibition", "venue create"})
"""Commands without sign-in: the window has its own, and the doctor must work if signing in fails."""


COMMAND_PERMISSIONS = {
    "service install": "CHANGE_SETTINGS",
    "service remove": "CHANGE_SETTINGS",
    "service password": "EDIT_CAMERAS",
}
"""Permissions of commands that work outside the venue, where no operation checks them."""
MACHINE_PERMISSIONS = {
    "cameras share": "EDIT_CAMERAS",
    "models get": "CHANGE_SETTINGS",
    "models import": "CHANGE_SETTINGS",
    "models export": "CHANGE_SETTINGS",
    "schedule webhook-secret": "SCHEDULE",
}
"""Permissions of commands that change this machine for all venues, checked in the venue opened last."""


def require_sign_in(command: Any, path: tuple[str, ...] = ()) -> Any:
    """Wrap every command of a tree in a sign-in check; returns the same tree.

    Args:
        command: a Typer command; its type is internal to Typer.
    """
    name = " ".join(path)
    if path and command.callback is not None and name not in WITHOUT_SIGN_IN:
        command.callback = _wrap_with_sign_in(command.callback, name)
    for sub_name, sub_command in getattr(command, "commands", {}).items():
        require_sign_in(sub_command, (*path, sub_name))
    return command


def set_sign_in_user(user: str | None) -> None:
    """Start a command without a signed-in user; ``user`` is the name to sign in with."""
    from app.access.guard import clear_actors, set_sign_in_prompt

    clear_actors()
    set_sign_in_prompt(functools.partial(_sign_in, user))


def _wrap_with_sign_in(callback: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(callback)
    def run(*args: Any, **kwargs: Any) -> Any:
        venue = find_last_venue() if name in MACHINE_PERMISSIONS else None
        if venue is not None:
            from app.access.guard import doing
            from app.access.roles import Permission

            with doing(venue, Permission[MACHINE_PERMISSIONS[name]], "command given", {"command": name}):
                return callback(*args, **kwargs)
        for parameter in VENUE_PARAMETERS:
            folder = kwargs.get(parameter)
            if isinstance(folder, Path) and folder.is_dir():
                _check_permission(folder, name, is_stop_request=bool(kwargs.get("stop")))
        return callback(*args, **kwargs)

    return run


def find_last_venue() -> Path | None:
    """Return the most recently opened venue that has users, else the most recently opened one.

    None if there is none, or in the child process of a window, which has its own sign-in.

    Raises:
        VenueError: the access file of one of them cannot be read.
    """
    from app.access.access_file import read_access
    from app.error_reporting import PACKED_ERRORS
    from app.settings.file import read_settings

    if os.environ.get(PACKED_ERRORS):
        return None
    existing = [folder for folder in read_settings().settings.recent_venues if folder.is_dir()]
    return next(
        (folder for folder in existing if not read_access(folder).is_open), existing[0] if existing else None
    )


def _check_permission(folder: Path, name: str, *, is_stop_request: bool) -> None:
    from app.access.guard import SERVICE, act_as, require
    from app.access.roles import Permission

    if name in UNATTENDED and not is_stop_request:
        act_as(folder, SERVICE)
        return
    needed = (
        Permission.RECORD if is_stop_request else Permission[COMMAND_PERMISSIONS.get(name, "SEE_FIGURES")]
    )
    require(folder, needed, action="command given", what={"command": name})


def _sign_in(user: str | None, folder: Path) -> Actor:
    from analytics.domain.errors import AccessError
    from app.access.signing_in import sign_in

    password = os.environ.pop(PASSWORD_VARIABLE, None)
    if not user or (password is None and not sys.stdin.isatty()):
        raise AccessError(
            "'{venue}' has users; sign in to run this command.",
            "Put python -m app --user NAME before the command, or set {user_variable}; you are "
            "asked for the password unless {password_variable} is set.",
            venue=folder.stem,
            user_variable=USER_VARIABLE,
            password_variable=PASSWORD_VARIABLE,
        )
    if password is None:
        password = typer.prompt(tr("Password of {user}", user=user), hide_input=True, err=True)
    return sign_in(folder, user, password)
