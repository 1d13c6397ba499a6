"""Record a venue as a service of the system: install it, remove it, say how it is. Linux with systemd."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from analytics.domain.errors import ExpoFlowError, OutputError, Phrase
from app.access.guard import doing
from app.access.roles import Permission
from app.core.document import Venue
from app.core.file_format import read_venue
from app.error_reporting import convert_error
from app.recording.service_unit import (
    ACCOUNT,
    PACKAGED_PROGRAM,
    STATE_FOLDER,
    UNIT_NAME,
    name_instance,
    write_unit,
)
from resources.atomic_file import write_text_atomically
from resources.group_sharing import share_with_group

UNITS_FOLDER = PurePosixPath("etc/systemd/system")
PACKAGED_FOLDER = PurePosixPath("usr/lib/systemd/system")
_GROUPS_OF_DEVICES = ("video", "render")
_MAX_COMMAND_S = 60.0


class ServiceError(ExpoFlowError):
    """The system's services cannot be used, or refuse."""


Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


def run_command(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a tool of the system, without a shell."""
    return subprocess.run(list(command), capture_output=True, text=True, timeout=_MAX_COMMAND_S, check=False)


@dataclass(frozen=True, slots=True)
class ServiceSystem:
    """The system that a service is installed on; a test gives one that is none.

    Attributes:
        root: where its files are.
        is_root: whether this process may change it.
        has_manager: whether systemd runs it.
    """

    root: Path = Path("/")
    run: Run = run_command
    is_root: bool = field(default_factory=lambda: hasattr(os, "geteuid") and os.geteuid() == 0)
    has_manager: bool = field(default_factory=lambda: Path("/run/systemd/system").is_dir())

    def require(self) -> None:
        """Refuse where nothing can be installed.

        Raises:
            ServiceError: no systemd, or no rights.
        """
        if sys.platform == "win32":
            raise ServiceError(
                "On Windows, `service` installs nothing.",
                "Run packaging\\windows\\expoflow-record.ps1 as administrator; it was not tried yet.",
            )
        if not self.has_manager:
            raise ServiceError(
                "This system is not run by systemd, so that there is no service to install.",
                "Let the system's own service manager run: {program} record --venue FOLDER. "
                "`service unit` shows what systemd would be told.",
                program=" ".join(find_program()),
            )
        if not self.is_root:
            raise ServiceError(
                "Only root may change the services of this machine.", "Run the same command with sudo."
            )

    def must(self, *command: str) -> str:
        """What a tool says.

        Raises:
            ServiceError: it failed; with its last words.
        """
        try:
            done = self.run(command)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ServiceError(
                "The command '{command}' did not work: {said}",
                "Run it by hand to see why, then try again.",
                command=" ".join(command),
                said=str(error),
            ) from error
        if done.returncode != 0:
            raise ServiceError(
                "The command '{command}' did not work: {said}",
                "Run it by hand to see why, then try again.",
                command=" ".join(command),
                said=(done.stderr or done.stdout).strip() or str(done.returncode),
            )
        return done.stdout


@dataclass(frozen=True, slots=True)
class ServiceState:
    """How the service of a venue is.

    Attributes:
        unit: its name.
        active, detail: as systemd calls them, such as ``active`` and ``running``.
        enabled: whether it starts with the machine.
    """

    unit: str
    is_installed: bool
    active: str = ""
    detail: str = ""
    enabled: bool = False
    status: str = ""


def install_service(
    venue_folder: Path, system: ServiceSystem | None = None, *, user: str = ""
) -> list[Phrase]:
    """Let the system record a venue from now on, also after each start of the machine.

    Makes the account, gives it the venue's folder, writes the unit, and starts it.

    Args:
        user: who opens the window: joins the account's group, and so may look on and edit. Empty: nobody.

    Returns:
        What was done, a sentence for each step.

    Raises:
        AccessError: whoever is at work may not change settings.
        ServiceError: the system has no systemd, this is not root, the account cannot reach the folder, or a
            tool of the system fails. What was done before stays, and doing it again is harmless.
        VenueError: there is no such venue.
        OutputError: the unit cannot be written.
    """
    system = system or ServiceSystem()
    system.require()
    venue = read_venue(venue_folder)
    with doing(venue.folder, Permission.CHANGE_SETTINGS, "service installed", {"account": ACCOUNT}):
        done = _install(venue, system, user=user)
    # the entry is root's, and the account that records writes the next ones
    share_with_group(venue.folder)
    return done


def _install(venue: Venue, system: ServiceSystem, *, user: str) -> list[Phrase]:
    _require_reachable(venue.folder)
    _require_reachable(Path(find_program()[0]).resolve())
    done = [_make_account(system), *_join_groups(system, user)]
    done.append(_give_folder(venue, system))
    done.append(_write_unit(system))
    instance = name_instance(PurePosixPath(venue.folder))
    system.must("systemctl", "daemon-reload")
    system.must("systemctl", "enable", instance)
    system.must("systemctl", "restart", "--no-block", instance)
    done.append(Phrase("{unit} is started, and starts with the machine.", {"unit": instance}))
    return done


def remove_service(venue_folder: Path, system: ServiceSystem | None = None) -> list[Phrase]:
    """Record a venue by a service no more; the venue, the account and its passwords stay.

    Args:
        venue_folder: may be gone: its service is removed all the same.

    Raises:
        AccessError: whoever is at work may not change settings.
        ServiceError: as for `install_service`.
    """
    system = system or ServiceSystem()
    system.require()
    with doing(venue_folder, Permission.CHANGE_SETTINGS, "service removed"):
        done = _remove(venue_folder, system)
    share_with_group(venue_folder)
    return done


def _remove(venue_folder: Path, system: ServiceSystem) -> list[Phrase]:
    instance = name_instance(PurePosixPath(os.path.abspath(venue_folder)))
    system.must("systemctl", "disable", "--now", instance)
    done = [Phrase("{unit} is stopped, and starts no more.", {"unit": instance})]
    if not _has_instances(system.root):
        file = system.root / UNITS_FOLDER / UNIT_NAME
        file.unlink(missing_ok=True)
        system.must("systemctl", "daemon-reload")
        done.append(Phrase("{file} is removed: no other venue uses it.", {"file": str(file)}))
    return done


def find_service(venue_folder: Path, system: ServiceSystem | None = None) -> ServiceState:
    """How the service of a venue is; needs no rights."""
    system = system or ServiceSystem()
    instance = name_instance(PurePosixPath(os.path.abspath(venue_folder)))
    is_installed = any(
        (system.root / place / UNIT_NAME).exists() for place in (UNITS_FOLDER, PACKAGED_FOLDER)
    )
    if not system.has_manager:
        return ServiceState(instance, is_installed)
    wanted = "ActiveState,SubState,UnitFileState,StatusText"
    said = system.must("systemctl", "show", instance, f"--property={wanted}")
    values = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    return ServiceState(
        unit=instance,
        is_installed=is_installed,
        active=values.get("ActiveState", ""),
        detail=values.get("SubState", ""),
        enabled=values.get("UnitFileState") == "enabled",
        status=values.get("StatusText", ""),
    )


def find_program() -> tuple[str, ...]:
    """What starts this very ExpoFlow: the bundle, or its Python with the module."""
    if getattr(sys, "frozen", False):
        packaged = Path(PACKAGED_PROGRAM[0])
        is_packaged = packaged.exists() and packaged.resolve() == Path(sys.executable).resolve()
        return PACKAGED_PROGRAM if is_packaged else (sys.executable,)
    return sys.executable, "-m", "app"


def find_working_folder() -> str:
    """Where that has to be started; empty where it does not matter."""
    return "" if getattr(sys, "frozen", False) else str(Path(__file__).resolve().parents[2])


def _make_account(system: ServiceSystem) -> Phrase:
    if system.run(["id", "-u", ACCOUNT]).returncode == 0:
        return Phrase("The account {account} is there already.", {"account": ACCOUNT})
    home = ("--home-dir", str(STATE_FOLDER))
    system.must("useradd", "--system", "--user-group", *home, "--shell", "/usr/sbin/nologin", ACCOUNT)
    return Phrase("The account {account} was made; nobody can log in with it.", {"account": ACCOUNT})


def _join_groups(system: ServiceSystem, user: str) -> list[Phrase]:
    for group in _GROUPS_OF_DEVICES:
        # a machine without graphics has no such group, and needs none
        system.run(["usermod", "--append", "--groups", group, ACCOUNT])
    if not user or user == "root":
        return []
    system.must("usermod", "--append", "--groups", ACCOUNT, user)
    return [
        Phrase(
            "{user} may look on and edit the venue, from the next login on: member of the group {account}.",
            {"user": user, "account": ACCOUNT},
        )
    ]


def _give_folder(venue: Venue, system: ServiceSystem) -> Phrase:
    system.must("chgrp", "--recursive", ACCOUNT, str(venue.folder))
    # folders hand the group on to what is made in them
    system.must("chmod", "--recursive", "g+rwX", str(venue.folder))
    system.must("find", str(venue.folder), "-type", "d", "-exec", "chmod", "g+s", "{}", "+")
    return Phrase(
        "The group {account} may write into {folder}.", {"account": ACCOUNT, "folder": str(venue.folder)}
    )


def _write_unit(system: ServiceSystem) -> Phrase:
    file = system.root / UNITS_FOLDER / UNIT_NAME
    text = write_unit(find_program(), working_folder=find_working_folder())
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text_atomically(file, text)
    except OSError as error:
        raise convert_error(OutputError, error, file=file) from error
    return Phrase("{file} was written.", {"file": str(file)})


def _require_reachable(folder: Path) -> None:
    for parent in folder.parents:
        if not parent.stat().st_mode & stat.S_IXOTH:
            raise ServiceError(
                "The service's account cannot reach {folder}: {parent} is closed to others.",
                "Move it to a place for all, such as /srv or /opt, or allow passing: chmod o+x {parent}",
                folder=str(folder),
                parent=str(parent),
            )


def _has_instances(root: Path) -> bool:
    wants = root / UNITS_FOLDER / "multi-user.target.wants"
    return wants.is_dir() and any(wants.glob("expoflow-record@*.service"))


def give_to_account(folder: Path, system: ServiceSystem) -> None:
    """Let the service's account alone own a folder and what is in it.

    Raises:
        ServiceError: the system refuses.
    """
    system.must("chown", "--recursive", f"{ACCOUNT}:{ACCOUNT}", str(folder))


def find_state_folder(system: ServiceSystem) -> Path:
    """Where the service keeps its settings, models and passwords."""
    return system.root / STATE_FOLDER.relative_to("/")
