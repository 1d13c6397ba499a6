"""The command line of a venue with users: every command asks who gives it, and each role does what it may."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from argon2 import PasswordHasher

from analytics.domain.errors import AccessError
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.identifiers import CameraId
from analytics.store.sql_event_store import open_store
from app.access import guard, secrets
from app.access.access_file import VenueAccess, write_access
from app.access.audit_log import Outcome, read_entries
from app.access.roles import PERMISSIONS, ROLES_OF_PEOPLE, Permission, Role
from app.cli.program import (
    COMMAND_PERMISSIONS,
    MACHINE_PERMISSIONS,
    PASSWORD_VARIABLE,
    UNATTENDED,
    VENUE_PARAMETERS,
    WITHOUT_SIGN_IN,
    find_last_venue,
    main,
    make_app,
    require_sign_in,
    set_sign_in_user,
)
from app.error_reporting import PACKED_ERRORS
from app.settings.file import read_settings, write_settings
from tests.support.halls.guarded_venue import SECRETS, make_guarded_venue, read_contents


@pytest.fixture(autouse=True)
def nobody_at_work(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(secrets, "_hasher", lambda: hasher)
    guard.clear_actors()
    guard.set_sign_in_prompt(None)
    yield
    guard.clear_actors()
    guard.set_sign_in_prompt(None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_guarded_venue(tmp_path).folder


def list_commands() -> dict[str, Any]:
    found: dict[str, Any] = {}

    def walk(command: Any, path: tuple[str, ...]) -> None:
        if path and command.callback is not None:
            found[" ".join(path)] = command
        for name, below in getattr(command, "commands", {}).items():
            walk(below, (*path, name))

    walk(require_sign_in(typer.main.get_command(make_app())), ())
    return found


def test_no_command_about_a_venue_forgets_to_ask(folder: Path) -> None:
    set_sign_in_user(None)
    asked = set()
    for name, command in list_commands().items():
        about = [p.name for p in command.params if p.name in VENUE_PARAMETERS]
        if not about or name in UNATTENDED | WITHOUT_SIGN_IN:
            continue
        with pytest.raises(AccessError, match="has users; sign in"):
            command.callback(**{about[0]: folder})
        asked.add(name)
    assert len(asked) > 40
    assert {"report", "export", "venue erase", "audit export", "user add"} <= asked


def test_the_exceptions_are_commands_that_there_are() -> None:
    assert UNATTENDED | WITHOUT_SIGN_IN | set(COMMAND_PERMISSIONS) | set(MACHINE_PERMISSIONS) <= set(
        list_commands()
    )


def test_what_changes_the_machine_is_asked_for_in_the_venue_that_was_opened_last(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("models", "import", str(tmp_path / "missing.pt"))
    assert main(command) == 1
    assert "users" not in capsys.readouterr().err, "no venue was opened yet"
    settings = read_settings().settings
    write_settings(settings.model_copy(update={"recent_venues": (folder,)}))
    assert main(command) == 1
    assert "has users" in " ".join(capsys.readouterr().err.split())
    for role in ROLES_OF_PEOPLE:
        monkeypatch.setenv(PASSWORD_VARIABLE, SECRETS[role])
        assert main(["--user", role.value, *command]) == 1
        is_refused = "does not permit this" in " ".join(capsys.readouterr().err.split())
        assert is_refused == (Permission.CHANGE_SETTINGS not in PERMISSIONS[role])
    entries = read_entries(folder)
    last = entries[-1]
    assert (last.action, last.user, last.what) == (
        "command given",
        "administrator",
        {"command": "models import"},
    )
    # a window has asked already
    monkeypatch.setenv(PACKED_ERRORS, "1")
    guard.clear_actors()
    assert main(command) == 1
    assert "has users" not in capsys.readouterr().err


COMMANDS: dict[str, tuple[Permission, tuple[str, ...]]] = {
    "venue check": (Permission.SEE_FIGURES, ("venue", "check", "{venue}")),
    "venue add-camera": (
        Permission.EDIT_CAMERAS,
        ("venue", "add-camera", "{venue}", "n", "rtsp://192.0.2.9/"),
    ),
    "venue export": (Permission.EDIT_PLAN, ("venue", "export", "{venue}", "--zones", "{out}")),
    "export": (Permission.EXPORT_PERSONS, ("export", "--venue", "{venue}", "--out", "{out}")),
    "audit export": (Permission.SEE_AUDIT, ("audit", "export", "{out}", "--venue", "{venue}")),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_each_role_gives_the_commands_that_it_may(
    name: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    permission, words = COMMANDS[name]
    arguments = [word.format(venue=folder, out=tmp_path / "out") for word in words]
    for role in sorted(ROLES_OF_PEOPLE, key=lambda role: permission in PERMISSIONS[role]):
        before = read_contents(folder)
        monkeypatch.setenv(PASSWORD_VARIABLE, SECRETS[role])
        guard.clear_actors()
        status = main(["--user", role.value, *arguments])
        said = capsys.readouterr().err
        is_refused = f"The role '{role.value}' does not permit this" in " ".join(said.split())
        assert is_refused == (permission not in PERMISSIONS[role]), said
        if is_refused:
            assert status == 1
            assert read_contents(folder) == before
            assert not (tmp_path / "out").exists()
            entries = read_entries(folder)
            last = entries[-1]
            assert (last.user, last.outcome) == (role.value, Outcome.REFUSED)


def test_who_may_not_erase_is_told_before_anything_is_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    writer = open_store(folder)
    writer.write_span(ObservedSpan(CameraId("cam"), 0.0, 60.0, 300))
    writer.close()
    asked: list[str] = []
    monkeypatch.setattr(typer, "prompt", lambda text: asked.append(text) or "another name")
    command = ["venue", "erase", str(folder)]
    command += ["--from", "1970-01-01T00:00:00Z", "--to", "1970-01-01T00:01:00Z"]
    for role, is_asked in ((Role.STAFF, False), (Role.ADMINISTRATOR, True)):
        monkeypatch.setenv(PASSWORD_VARIABLE, SECRETS[role])
        guard.clear_actors()
        assert main(["--user", role.value, *command]) == 1
        assert (role.value in " ".join(capsys.readouterr().err.split())) != is_asked
        assert bool(asked) == is_asked


def test_a_wrong_password_and_none_at_all_are_told_apart(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    assert main(["venue", "check", str(folder)]) == 1
    assert "EXPOFLOW_PASSWORD" in capsys.readouterr().err
    monkeypatch.setenv(PASSWORD_VARIABLE, "nothing of it")
    assert main(["--user", "staff", "venue", "check", str(folder)]) == 1
    assert "Wrong user name or password" in capsys.readouterr().err


def test_what_runs_unattended_may_do_what_a_service_may(folder: Path) -> None:
    list_commands()["schedule run"].callback(venue=folder, watch=False, now=None)
    assert guard.find_actor(folder) == guard.SERVICE
    guard.require(folder, Permission.RECORD, action="x")
    for refused in (Permission.EDIT_CAMERAS, Permission.EXPORT_PERSONS, Permission.ERASE):
        with pytest.raises(AccessError, match="role 'service' does not permit"):
            guard.require(folder, refused, action="x")


def test_to_stop_a_recording_somebody_signs_in(folder: Path) -> None:
    set_sign_in_user(None)
    with pytest.raises(AccessError, match="has users; sign in"):
        list_commands()["record"].callback(venue=folder, stop=True)
    assert Role.WALL not in {role for role in Role if Permission.RECORD in PERMISSIONS[role]}


def test_without_a_venue_named_the_last_one_with_users_decides(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "open").mkdir()
    unguarded = make_guarded_venue(tmp_path / "open").folder
    write_access(unguarded, VenueAccess())
    assert find_last_venue() is None
    settings = read_settings().settings
    write_settings(settings.model_copy(update={"recent_venues": (tmp_path / "gone", unguarded)}))
    assert find_last_venue() == unguarded
    write_settings(settings.model_copy(update={"recent_venues": (unguarded, folder)}))
    assert find_last_venue() == folder
