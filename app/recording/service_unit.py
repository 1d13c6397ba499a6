"""Write the systemd unit that records a venue: one template with an instance for each venue's folder."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import PurePosixPath

from app.recording.stop_request import EXIT_STOP_REQUESTED

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
