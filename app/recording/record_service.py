"""Install, remove and inspect the system service that records a venue. Linux with systemd."""

from __future__ import annotations

import os
import shlex
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
from app.recording.stop_request import EXIT_STOP_REQUESTED
from resources.atomic_file import write_text_atomically
from resources.group_sharing import share_with_group

ACCOUNT = "expoflow"
STATE_FOLDER = PurePosixPath("/var/lib/expoflow")
"""Folder of the service's settings, models, logs and encrypted passwords."""
UNIT_NAME = "expoflow-record@.service"
PACKAGED_PROGRAM = ("/usr/bin/expoflow",)

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.")

_UNIT = """\
# Records one venue of ExpoFlow: expoflow-record@PATH.service, PATH as `systemd-escape --path` gives it.
# Written by `expoflow service install`. To change something, use `systemctl edit`, which keeps it apart.
[Unit]
Description=ExpoFlow records %f
Wants=network-online.target
After=network-online.target time-sync.target
RequiresMountsFor=%f
# a show lasts days: restart without limit
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
User={account}
Group={account}
UMask=0007
StateDirectory={state_name}
StateDirectoryMode=0750
Environment=EXPOFLOW_HOME={state} PYTHONUNBUFFERED=1
{working}ExecStart={program} record --as-service --venue %f
Restart=always
RestartSec=5
# stopped on request: `expoflow record --stop`, or the button in the window
RestartPreventExitStatus={asked}
SuccessExitStatus={asked}
# a model is compiled on first use
TimeoutStartSec=300
TimeoutStopSec=30
WatchdogSec=60
# child processes write their data before they end
KillMode=mixed

NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=%f
ProtectHome=read-only
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectHostname=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
RestrictNamespaces=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
CapabilityBoundingSet=
AmbientCapabilities=
# not PrivateDevices and not ProtectClock: both would hide USB cameras and graphics devices;
# not MemoryDenyWriteExecute: networks are compiled to machine code where they run

[Install]
WantedBy=multi-user.target
"""


def write_unit(program: Sequence[str], *, working_folder: str = "") -> str:
    """Return the text of the unit.

    Args:
        program: command that starts ExpoFlow: an absolute path and its arguments.
        working_folder: folder in which it starts; empty for systemd's default.
    """
    return _UNIT.format(
        account=ACCOUNT,
        state=STATE_FOLDER,
        state_name=STATE_FOLDER.name,
        program=" ".join(shlex.quote(part).replace("%", "%%") for part in program),
        working=f"WorkingDirectory={working_folder}\n" if working_folder else "",
        asked=EXIT_STOP_REQUESTED,
    )


def name_instance(venue_folder: PurePosixPath) -> str:
    """Return the unit name of a venue; its absolute path is escaped as by `systemd-escape --path`."""
    path = str(venue_folder).strip("/")
    letters = []
    for number, letter in enumerate(path):
        if letter == "/":
            letters.append("-")
        elif letter in _PLAIN and not (number == 0 and letter == "."):
            letters.append(letter)
        else:
            letters += [f"\\x{byte:02x}" for byte in letter.encode()]
    return UNIT_NAME.replace("@.", f"@{''.join(letters)}.")


UNITS_FOLDER = PurePosixPath("etc/systemd/system")
PACKAGED_FOLDER = PurePosixPath("usr/lib/systemd/system")
_GROUPS_OF_DEVICES = ("video", "render")
_COMMAND_TIMEOUT_S = 60.0


class ServiceError(ExpoFlowError):
    """A failure of the system's service manager."""


Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


def run_command(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a system command without a shell."""
    return subprocess.run(
        list(command), capture_output=True, text=True, timeout=_COMMAND_TIMEOUT_S, check=False
    )


@dataclass(frozen=True, slots=True)
class ServiceSystem:
    """The system on which a service is installed; tests pass a substitute.

    Attributes:
        root: root of its file system.
        is_root: whether this process may change it.
        has_manager: whether systemd manages it.
    """

    root: Path = Path("/")
    run: Run = run_command
    is_root: bool = field(default_factory=lambda: hasattr(os, "geteuid") and os.geteuid() == 0)
    has_manager: bool = field(default_factory=lambda: Path("/run/systemd/system").is_dir())

    def require_installable(self) -> None:
        """Check that a service can be installed.

        Raises:
            ServiceError: no systemd, or no rights.
        """
        if sys.platform == "win32":
            raise ServiceError(
                "`service` is not available on Windows.",
                "Run packaging\\windows\\expoflow-record.ps1 as administrator (untested).",
            )
        if not self.has_manager:
            raise ServiceError(
                "This system does not use systemd, so no service can be installed.",
                "Use your system's service manager to run: {program} record --venue FOLDER. `service "
                "unit` shows the systemd unit as an example.",
                program=" ".join(find_program()),
            )
        if not self.is_root:
            raise ServiceError(
                "Only root can change the services of this machine.", "Run the same command with sudo."
            )

    def run_checked(self, *command: str) -> str:
        """Run a command and return its output.

        Raises:
            ServiceError: it failed; with its error output.
        """
        try:
            done = self.run(command)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ServiceError(
                "The command '{command}' failed: {output}",
                "Run the command by hand to see the reason, then try again.",
                command=" ".join(command),
                output=str(error),
            ) from error
        if done.returncode != 0:
            raise ServiceError(
                "The command '{command}' failed: {output}",
                "Run the command by hand to see the reason, then try again.",
                command=" ".join(command),
                output=(done.stderr or done.stdout).strip() or str(done.returncode),
            )
        return done.stdout


@dataclass(frozen=True, slots=True)
class ServiceState:
    """The state of a venue's service.

    Attributes:
        unit: name of the unit.
        active, detail: states as systemd names them, such as ``active`` and ``running``.
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
    """Install and start a service that records a venue, also after each start of the machine.

    Creates the account, gives it access to the venue's folder, and writes and starts the unit.

    Args:
        user: the user of the window, who joins the account's group to watch and edit; empty for none.

    Returns:
        A sentence for each step.

    Raises:
        AccessError: the current user may not change settings.
        ServiceError: the system has no systemd, this is not root, the account cannot reach the folder, or
            a command fails. Completed steps stay, and can be repeated.
        VenueError: there is no such venue.
        OutputError: the unit cannot be written.
    """
    system = system or ServiceSystem()
    system.require_installable()
    venue = read_venue(venue_folder)
    with doing(venue.folder, Permission.CHANGE_SETTINGS, "service installed", {"account": ACCOUNT}):
        done = _install(venue, system, user=user)
    # root owns the new entry, but the recording account writes the next ones
    share_with_group(venue.folder)
    return done


def _install(venue: Venue, system: ServiceSystem, *, user: str) -> list[Phrase]:
    _require_reachable(venue.folder)
    _require_reachable(Path(find_program()[0]).resolve())
    done = [_make_account(system), *_join_groups(system, user)]
    done.append(_give_folder(venue, system))
    done.append(_write_unit(system))
    instance = name_instance(PurePosixPath(venue.folder))
    system.run_checked("systemctl", "daemon-reload")
    system.run_checked("systemctl", "enable", instance)
    system.run_checked("systemctl", "restart", "--no-block", instance)
    done.append(Phrase("{unit} was started and starts with the machine.", {"unit": instance}))
    return done


def remove_service(venue_folder: Path, system: ServiceSystem | None = None) -> list[Phrase]:
    """Remove the service of a venue; the venue, the account and its passwords stay.

    Args:
        venue_folder: may have been deleted.

    Raises:
        AccessError: the current user may not change settings.
        ServiceError: as for `install_service`.
    """
    system = system or ServiceSystem()
    system.require_installable()
    with doing(venue_folder, Permission.CHANGE_SETTINGS, "service removed"):
        done = _remove(venue_folder, system)
    share_with_group(venue_folder)
    return done


def _remove(venue_folder: Path, system: ServiceSystem) -> list[Phrase]:
    instance = name_instance(PurePosixPath(os.path.abspath(venue_folder)))
    system.run_checked("systemctl", "disable", "--now", instance)
    done = [Phrase("{unit} was stopped and removed.", {"unit": instance})]
    if not _has_instances(system.root):
        file = system.root / UNITS_FOLDER / UNIT_NAME
        file.unlink(missing_ok=True)
        system.run_checked("systemctl", "daemon-reload")
        done.append(Phrase("{file} was removed, because no other venue uses it.", {"file": str(file)}))
    return done


def find_service(venue_folder: Path, system: ServiceSystem | None = None) -> ServiceState:
    """Return the state of a venue's service; needs no root rights."""
    system = system or ServiceSystem()
    instance = name_instance(PurePosixPath(os.path.abspath(venue_folder)))
    is_installed = any(
        (system.root / place / UNIT_NAME).exists() for place in (UNITS_FOLDER, PACKAGED_FOLDER)
    )
    if not system.has_manager:
        return ServiceState(instance, is_installed)
    properties = "ActiveState,SubState,UnitFileState,StatusText"
    output = system.run_checked("systemctl", "show", instance, f"--property={properties}")
    values = dict(line.split("=", 1) for line in output.splitlines() if "=" in line)
    return ServiceState(
        unit=instance,
        is_installed=is_installed,
        active=values.get("ActiveState", ""),
        detail=values.get("SubState", ""),
        enabled=values.get("UnitFileState") == "enabled",
        status=values.get("StatusText", ""),
    )


def find_program() -> tuple[str, ...]:
    """Return the command that starts this ExpoFlow: the bundle, or its Python with the module."""
    if getattr(sys, "frozen", False):
        packaged = Path(PACKAGED_PROGRAM[0])
        is_packaged = packaged.exists() and packaged.resolve() == Path(sys.executable).resolve()
        return PACKAGED_PROGRAM if is_packaged else (sys.executable,)
    return sys.executable, "-m", "app"


def find_working_folder() -> str:
    """Return the folder in which the program has to be started; empty for any."""
    return "" if getattr(sys, "frozen", False) else str(Path(__file__).resolve().parents[2])


def _make_account(system: ServiceSystem) -> Phrase:
    if system.run(["id", "-u", ACCOUNT]).returncode == 0:
        return Phrase("The account {account} already exists.", {"account": ACCOUNT})
    home = ("--home-dir", str(STATE_FOLDER))
    system.run_checked("useradd", "--system", "--user-group", *home, "--shell", "/usr/sbin/nologin", ACCOUNT)
    return Phrase("The account {account} was created, without login.", {"account": ACCOUNT})


def _join_groups(system: ServiceSystem, user: str) -> list[Phrase]:
    for group in _GROUPS_OF_DEVICES:
        # a machine without graphics has no such group and needs none
        system.run(["usermod", "--append", "--groups", group, ACCOUNT])
    if not user or user == "root":
        return []
    system.run_checked("usermod", "--append", "--groups", ACCOUNT, user)
    return [
        Phrase(
            "{user} was added to the group {account}, and can watch and edit the venue after the next login.",
            {"user": user, "account": ACCOUNT},
        )
    ]


def _give_folder(venue: Venue, system: ServiceSystem) -> Phrase:
    system.run_checked("chgrp", "--recursive", ACCOUNT, str(venue.folder))
    # folders pass the group on to new entries
    system.run_checked("chmod", "--recursive", "g+rwX", str(venue.folder))
    system.run_checked("find", str(venue.folder), "-type", "d", "-exec", "chmod", "g+s", "{}", "+")
    return Phrase(
        "The group {account} can write to {folder}.", {"account": ACCOUNT, "folder": str(venue.folder)}
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
                "The service's account cannot access {folder}: {parent} is closed to other users.",
                "Move it to a shared location such as /srv or /opt, or allow access: chmod o+x {parent}",
                folder=str(folder),
                parent=str(parent),
            )


def _has_instances(root: Path) -> bool:
    wants = root / UNITS_FOLDER / "multi-user.target.wants"
    return wants.is_dir() and any(wants.glob("expoflow-record@*.service"))


def give_to_account(folder: Path, system: ServiceSystem) -> None:
    """Make the service's account the owner of a folder and its content.

    Raises:
        ServiceError: the system refuses.
    """
    system.run_checked("chown", "--recursive", f"{ACCOUNT}:{ACCOUNT}", str(folder))


def find_state_folder(system: ServiceSystem) -> Path:
    """Return the folder of the service's settings, models and passwords."""
    return system.root / STATE_FOLDER.relative_to("/")
