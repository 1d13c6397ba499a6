"""The service is installed by the system's own tools, and its unit is one that systemd takes."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from analytics.domain.errors import AccessError, CredentialError, fill_template
from app.access.access_file import User, VenueAccess, write_access
from app.access.audit_log import LOG_NAME, Outcome, read_entries
from app.access.guard import Actor, act_as
from app.access.roles import Role
from app.core.credentials import Credential, EncryptedFileCredentialStore, MemoryCredentialStore
from app.plan.edit_venue import add_camera, create_hall
from app.recording import record_service
from app.recording.record_service import (
    PACKAGED_PROGRAM,
    UNIT_NAME,
    ServiceError,
    ServiceSystem,
    find_service,
    find_state_folder,
    install_service,
    name_instance,
    remove_service,
    write_unit,
)
from app.recording.service_passwords import list_cameras_without_password, store_for_service

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="systemd is Linux's")
PACKAGED = Path(__file__).parents[4] / "packaging" / "linux" / UNIT_NAME
FAST = 2**4


class Tools:
    """Notes what it is told to run; says what a test wants."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.fails: set[str] = {"id"}

    def __call__(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        self.commands.append(" ".join(command))
        failed = command[0] in self.fails
        said = "ActiveState=active\nSubState=running\nUnitFileState=enabled\nStatusText=recording Hall\n"
        return subprocess.CompletedProcess(command, int(failed), said, "no such thing" if failed else "")


@pytest.fixture
def tools() -> Tools:
    return Tools()


@pytest.fixture
def system(tmp_path: Path, tools: Tools) -> ServiceSystem:
    return ServiceSystem(root=tmp_path / "root", run=tools, is_root=True, has_manager=True)


@pytest.fixture(autouse=True)
def program(monkeypatch: pytest.MonkeyPatch) -> None:
    # the tests' own interpreter may lie where only its owner goes
    monkeypatch.setattr(record_service, "find_program", lambda: ("/bin/sh", "-m", "app"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for parent in (tmp_path, *tmp_path.parents[:-1]):
        if parent.stat().st_uid == os.geteuid():
            parent.chmod(parent.stat().st_mode | stat.S_IXOTH)
    return create_hall(tmp_path / "Hall.expoflow", name="Hall", time_zone="UTC", size_m=(10, 8)).folder


def test_the_unit_in_the_package_is_the_one_that_is_written() -> None:
    assert PACKAGED.read_text() == write_unit(PACKAGED_PROGRAM)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / name_instance(PurePosixPath("/srv/hall.expoflow"))
    unit.write_text(write_unit([sys.executable, "-m", "app"], working_folder=str(tmp_path)))
    verify = ["systemd-analyze", "verify", "--recursive-errors=no", str(unit)]
    done = subprocess.run(verify, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    unit.write_text(unit.read_text().replace("Restart=always", "Restart=whenever"))
    done = subprocess.run(verify, capture_output=True, text=True, check=False, timeout=60)
    assert "whenever" in done.stderr


@pytest.mark.skipif(shutil.which("systemd-escape") is None, reason="systemd-escape is not installed")
@pytest.mark.parametrize(
    "path", ["/srv/hall.expoflow", "/srv/halle 3-b/ä展.expoflow", "/.a/b_c:d\\e.expoflow"]
)
def test_a_folder_is_named_as_systemd_names_it(path: str) -> None:
    said = subprocess.run(
        ["systemd-escape", "--path", path], capture_output=True, text=True, check=True
    ).stdout
    assert name_instance(PurePosixPath(path)) == f"expoflow-record@{said.strip()}.service"


def test_it_is_installed_and_removed_by_the_systems_tools(
    folder: Path, system: ServiceSystem, tools: Tools
) -> None:
    done = install_service(folder, system, user="anna")
    instance = name_instance(PurePosixPath(folder))
    unit = system.root / "etc/systemd/system" / UNIT_NAME
    assert "--as-service --venue %f" in unit.read_text()
    assert (
        "useradd --system --user-group --home-dir /var/lib/expoflow --shell /usr/sbin/nologin expoflow"
        in (tools.commands)
    )
    assert tools.commands[-3:] == [
        "systemctl daemon-reload",
        f"systemctl enable {instance}",
        f"systemctl restart --no-block {instance}",
    ]
    words = " ".join(fill_template(phrase.template, phrase.fields, str) for phrase in done)
    assert "and can watch and edit the venue" in words
    assert f"{unit} was written" in words
    state = find_service(folder, system)
    assert (state.active, state.enabled, state.status) == ("active", True, "recording Hall")
    other = unit.parent / "multi-user.target.wants" / "expoflow-record@srv-other.expoflow.service"
    other.parent.mkdir()
    other.touch()
    remove_service(folder, system)
    assert f"systemctl disable --now {instance}" in tools.commands
    assert unit.exists()
    other.unlink()
    remove_service(folder, system)
    assert not unit.exists()


def test_it_is_for_those_who_may_change_settings_and_it_is_recorded(
    folder: Path, system: ServiceSystem, tools: Tools
) -> None:
    write_access(folder, VenueAccess((User("Ann", Role.STAFF, "", datetime(2026, 11, 1, tzinfo=UTC)),)))
    act_as(folder, Actor("Ann", Role.STAFF))
    try:
        for change in (install_service, remove_service):
            with pytest.raises(AccessError):
                change(folder, system)
    finally:
        act_as(folder, None)
    assert tools.commands == []
    write_access(folder, VenueAccess())
    folder.chmod(0o2775)
    install_service(folder, system)
    remove_service(folder, system)
    entries = read_entries(folder)
    assert [(entry.action, entry.outcome) for entry in entries] == [
        ("service installed", Outcome.REFUSED),
        ("service removed", Outcome.REFUSED),
        ("service installed", Outcome.DONE),
        ("service removed", Outcome.DONE),
    ]
    # root wrote it, and the account that records goes on with it
    assert stat.S_IMODE((folder / LOG_NAME).stat().st_mode) & 0o060 == 0o060


def test_where_it_cannot_be_installed_nothing_is_done(
    folder: Path, system: ServiceSystem, tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for refused, words in (
        (ServiceSystem(root=system.root, run=tools, is_root=False, has_manager=True), "Only root"),
        (ServiceSystem(root=system.root, run=tools, is_root=True, has_manager=False), "does not use systemd"),
    ):
        with pytest.raises(ServiceError, match=words):
            install_service(folder, refused)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "python").touch()
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(record_service, "find_program", lambda: (str(closed / "python"),))
        with pytest.raises(ServiceError, match="closed to other users"):
            install_service(folder, system)
    with pytest.raises(ServiceError, match="closed to other users"):
        install_service(folder.rename(closed / "Hall.expoflow"), system)
    assert tools.commands == []


def test_a_tool_that_fails_is_named_with_its_words(folder: Path, system: ServiceSystem, tools: Tools) -> None:
    tools.fails.add("useradd")
    with pytest.raises(ServiceError, match=r"useradd.*no such thing"):
        install_service(folder, system)


def test_a_service_has_passwords_that_only_its_account_reads(
    folder: Path, system: ServiceSystem, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_camera(
        folder, name="north", address="rtsp://192.0.2.1/stream", user=None, password=None, frame_size_wh=None,
        analysed_fps=None, credentials=MemoryCredentialStore(), shared_credential=None,
    )  # fmt: skip
    assert list_cameras_without_password(folder, system) == ["north"]
    with pytest.raises(CredentialError, match="not a network camera"):
        store_for_service(folder, camera="south", credential=Credential("a", "b"), system=system)
    store_for_service(
        folder, camera="north", credential=Credential("viewer", "s3cret"), system=system, scrypt_cost=FAST
    )
    settings = find_state_folder(system) / "settings"
    assert list_cameras_without_password(folder, system) == []
    for file in settings.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert b"s3cret" not in file.read_bytes()
    assert tools.commands == [f"chown --recursive expoflow:expoflow {find_state_folder(system)}"]
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(CredentialError, match="belongs to another account"):
        EncryptedFileCredentialStore(settings, passphrase=None).find("192.0.2.1/north")
