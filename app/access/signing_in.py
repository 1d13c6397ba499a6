"""Sign users in and out of a venue, with growing delays after wrong attempts and an audit log."""

from __future__ import annotations

import logging
import math
import os
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import AccessError, StoreError
from analytics.store.microseconds import to_s
from app.access.access_file import read_access
from app.access.audit_log import Outcome, read_entries, record_audit
from app.access.guard import Actor, act_as, find_actor
from app.access.roles import Role
from app.access.secrets import is_secret
from app.core.venue_lock import lock_venue

_LOG = logging.getLogger(__name__)
SIGNED_IN = "signed in"
SIGNED_OUT = "signed out"
FREE_ATTEMPTS = 3
"""Wrong attempts without delay."""
FIRST_WAIT_S = 2.0
MAX_WAIT_S = 300.0
"""Maximum delay, with which trying all six-digit PINs takes nine years."""
_UNKNOWN = "?"
"""Placeholder for an unknown name, which may be a password typed into the wrong field."""


def sign_in(folder: Path, name: str, secret: str, *, clock: Clock | None = None) -> Actor:
    """Sign a user in to a venue in this process.

    Attempts are serialised between programs, so that parallel ones do not avoid the delay.

    Raises:
        AccessError: the name or secret is wrong, without telling which, or another attempt is not allowed
            yet.
        VenueError: ``access.toml`` cannot be understood.
    """
    clock = clock or SystemClock()
    with _serialised_attempts(folder):
        user = read_access(folder).find_user(name)
        known_as = user.name if user is not None else _UNKNOWN
        wait_s = find_wait(folder, known_as, now_utc_s=clock.now_utc_s())
        if wait_s > 0:
            raise AccessError(
                "Too many failed attempts.",
                "Wait {seconds} s, then try again.",
                seconds=math.ceil(wait_s),
            )
        is_right = is_secret(secret, None if user is None else user.secret_hash)
        _record(
            folder,
            SIGNED_IN,
            Actor(known_as, user.role if user is not None else Role.EVERYBODY),
            Outcome.DONE if is_right else Outcome.REFUSED,
            clock,
        )
    if user is None or not is_right:
        raise AccessError("Wrong user name or password.", "Try again; passwords are case-sensitive.")
    actor = Actor(user.name, user.role)
    act_as(folder, actor)
    return actor


def sign_out(folder: Path, *, clock: Clock | None = None) -> None:
    """Sign the current user out of a venue in this process."""
    actor = find_actor(folder)
    act_as(folder, None)
    if actor is not None and actor.name:
        _record(folder, SIGNED_OUT, actor, Outcome.DONE, clock or SystemClock())


def find_wait(folder: Path, user: str, *, now_utc_s: float) -> float:
    """Return the seconds until a user may try again; 0 for now.

    Derived from the audit log, so that it survives restarts and applies to all programs. A clock that was set
    back does not prolong the delay.
    """
    try:
        entries = read_entries(folder)
    except StoreError:
        # the next writer quarantines and logs the damaged log
        entries = ()
    wrong = 0
    last_utc_s = -math.inf
    for entry in reversed(entries):
        if entry.action != SIGNED_IN or entry.user != user:
            continue
        if entry.outcome is not Outcome.REFUSED:
            break
        wrong += 1
        last_utc_s = max(last_utc_s, to_s(entry.time_us))
    if wrong < FREE_ATTEMPTS:
        return 0.0
    wait_s = min(FIRST_WAIT_S * 2.0 ** (wrong - FREE_ATTEMPTS), MAX_WAIT_S)
    return float(min(max(last_utc_s + wait_s - now_utc_s, 0.0), wait_s))


def _record(folder: Path, action: str, actor: Actor, outcome: Outcome, clock: Clock) -> None:
    """Record a sign-in; on a full or read-only disk users still get in, and wrong attempts are delayed."""
    try:
        record_audit(folder, action, user=actor.name, role=actor.role.value, outcome=outcome, clock=clock)
    except StoreError as error:
        _LOG.error("'%s' (%s) could not be recorded: %s", action, outcome.value, error)
        if outcome is Outcome.REFUSED:
            time.sleep(FIRST_WAIT_S)


def _serialised_attempts(folder: Path) -> AbstractContextManager[None]:
    return lock_venue(folder) if os.access(folder, os.W_OK) else nullcontext()
