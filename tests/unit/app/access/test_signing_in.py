"""Users, their secrets, and waits that grow with wrong tries."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.errors import AccessError, CredentialError, VenueError
from app.access.access_file import FILE_NAME, read_access
from app.access.audit_log import Outcome, read_entries
from app.access.guard import EVERYBODY, Actor, find_actor, require
from app.access.roles import Permission, Role
from app.access.signing_in import MAX_WAIT_S, sign_in, sign_out
from app.access.users import add_user, change_own_secret, change_role, change_secret, remove_user, set_locking
from tests.support.halls.guarded_venue import SECRETS, make_guarded_venue, work_as
from tests.support.windows.wizard_venue import make_venue_on_disk


class SetClock:
    def __init__(self) -> None:
        self.now_s = 1_790_000_000.0

    def now_utc_s(self) -> float:
        return self.now_s

    def monotonic_s(self) -> float:
        return self.now_s


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_guarded_venue(tmp_path).folder


def test_a_venue_without_users_is_open(tmp_path: Path) -> None:
    venue = make_venue_on_disk(tmp_path)
    assert require(venue.folder, Permission.ERASE, action="x") == EVERYBODY


def test_who_signs_in_is_at_work_until_signing_out(folder: Path) -> None:
    assert find_actor(folder) is None
    assert sign_in(folder, "MANAGER", SECRETS[Role.MANAGER]) == Actor("manager", Role.MANAGER)
    assert find_actor(folder) == Actor("manager", Role.MANAGER)
    sign_out(folder)
    with pytest.raises(AccessError, match="No user is signed in"):
        require(folder, Permission.SEE_FIGURES, action="x")


def test_the_file_holds_no_secret(folder: Path) -> None:
    text = (folder / FILE_NAME).read_text(encoding="utf-8")
    assert text.count("$argon2id$") == 4
    assert not any(secret in text for secret in SECRETS.values())


def test_wrong_tries_wait_longer_and_longer_and_are_recorded(folder: Path) -> None:
    clock = SetClock()
    for _ in range(3):
        with pytest.raises(AccessError, match="Wrong user name or password"):
            sign_in(folder, "manager", "wrong words", clock=clock)
    waits = []
    for _ in range(9):
        with pytest.raises(AccessError, match="Too many failed attempts") as refused:
            sign_in(folder, "manager", SECRETS[Role.MANAGER], clock=clock)
        waits.append(int(str(refused.value.details["seconds"])))
        clock.now_s += waits[-1]
        with pytest.raises(AccessError, match="Wrong user name or password"):
            sign_in(folder, "manager", "wrong words", clock=clock)
    assert waits[:5] == [2, 4, 8, 16, 32]
    assert waits[-1] == MAX_WAIT_S
    # others do not wait, and after the right password nobody does
    sign_in(folder, "staff", SECRETS[Role.STAFF], clock=clock)
    clock.now_s += MAX_WAIT_S
    sign_in(folder, "manager", SECRETS[Role.MANAGER], clock=clock)
    sign_in(folder, "manager", SECRETS[Role.MANAGER], clock=clock)
    entries = read_entries(folder)
    tries = [entry.outcome for entry in entries if entry.user == "manager"]
    assert tries == [Outcome.REFUSED] * 12 + [Outcome.DONE] * 2


def test_a_clock_that_was_set_back_keeps_nobody_out_for_longer(folder: Path) -> None:
    clock = SetClock()
    for _ in range(3):
        with pytest.raises(AccessError):
            sign_in(folder, "manager", "wrong words", clock=clock)
    clock.now_s -= 86_400.0
    with pytest.raises(AccessError, match="Wait 2 s"):
        sign_in(folder, "manager", SECRETS[Role.MANAGER], clock=clock)


def test_a_password_in_the_wrong_field_is_not_recorded(folder: Path) -> None:
    with pytest.raises(AccessError, match="Wrong user name or password"):
        sign_in(folder, "my very secret words", "manager")
    entries = read_entries(folder)
    assert entries[-1].user == "?"
    assert not any(b"my very secret" in file.read_bytes() for file in folder.iterdir() if file.is_file())


@pytest.mark.parametrize(
    "secret", ["12345", "123456", "000000", "98765432", "brief", "aaaaaaaaaaaa", "administrator", "x" * 129]
)
def test_secrets_that_are_guessed_at_once_are_refused(folder: Path, secret: str) -> None:
    work_as(folder, Role.ADMINISTRATOR)
    before = (folder / FILE_NAME).read_bytes()
    with pytest.raises(CredentialError) as refused:
        change_secret(folder, "administrator", secret)
    assert secret not in f"{refused.value.problem}"
    assert (folder / FILE_NAME).read_bytes() == before


def test_a_pin_will_do(folder: Path) -> None:
    work_as(folder, Role.ADMINISTRATOR)
    change_secret(folder, "staff", "483920")
    assert sign_in(folder, "staff", "483920").role is Role.STAFF


def test_people_change_their_own_password(folder: Path) -> None:
    work_as(folder, Role.STAFF)
    with pytest.raises(AccessError, match="current password is wrong"):
        change_own_secret(folder, current="not this", new="other words")
    change_own_secret(folder, current=SECRETS[Role.STAFF], new="other words")
    assert sign_in(folder, "staff", "other words").role is Role.STAFF
    with pytest.raises(AccessError, match="Wrong user name or password"):
        sign_in(folder, "staff", SECRETS[Role.STAFF])


def test_the_first_user_is_an_administrator_and_the_last_one_stays(tmp_path: Path) -> None:
    folder = make_venue_on_disk(tmp_path).folder
    with pytest.raises(AccessError, match="first user must be an administrator"):
        add_user(folder, name="Bob", role=Role.STAFF, secret="483920")
    add_user(folder, name="Ann", role=Role.ADMINISTRATOR, secret="correct horse")
    sign_in(folder, "Ann", "correct horse")
    add_user(folder, name="Bob", role=Role.STAFF, secret="483920")
    with pytest.raises(AccessError, match="least one administrator"):
        remove_user(folder, "Ann")
    with pytest.raises(AccessError, match="least one administrator"):
        change_role(folder, "Ann", Role.MANAGER)
    with pytest.raises(AccessError, match="already"):
        add_user(folder, name="bob", role=Role.STAFF, secret="483920")
    with pytest.raises(AccessError, match="not a role for users"):
        add_user(folder, name="Robot", role=Role.SERVICE, secret="483920")
    remove_user(folder, "Bob")
    assert remove_user(folder, "Ann").is_open


def test_a_role_that_was_changed_or_a_user_removed_counts_at_once(folder: Path) -> None:
    work_as(folder, Role.ADMINISTRATOR)
    add_user(folder, name="Ann", role=Role.ADMINISTRATOR, secret="correct horse")
    change_role(folder, "administrator", Role.STAFF)
    with pytest.raises(AccessError, match="role 'staff'"):
        set_locking(folder, lock_after_min=0)
    sign_in(folder, "Ann", "correct horse")
    remove_user(folder, "staff")
    work_as(folder, Role.STAFF)
    with pytest.raises(AccessError, match="No user is signed in"):
        require(folder, Permission.SEE_FIGURES, action="x")


def test_nobody_gets_in_by_a_broken_file(folder: Path) -> None:
    whole = (folder / FILE_NAME).read_text(encoding="utf-8")
    for broken in ("", whole[:-40], whole.replace('"manager"', '"service"'), whole.replace("= 10", '= "x"')):
        (folder / FILE_NAME).write_text(broken, encoding="utf-8")
        with pytest.raises(VenueError, match="lists the venue's users"):
            require(folder, Permission.SEE_FIGURES, action="x")
    (folder / FILE_NAME).write_text(whole, encoding="utf-8")
    assert len(read_access(folder).users) == 4
