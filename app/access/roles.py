"""Who may do what in a venue that has users: permissions, and the roles that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """One kind of thing that the application does; the value is its name in logs and sentences."""

    SEE_FIGURES = "see figures"
    RECORD = "start and stop the recording"
    NOTE = "acknowledge alarms and write notes"
    EXPORT_REPORTS = "export reports"
    EXPORT_PERSONS = "export tracks and visits of single persons"
    EDIT_PLAN = "edit the plan, zones and lines"
    EDIT_CAMERAS = "edit cameras"
    VALIDATE = "validate the accuracy"
    CHANGE_SETTINGS = "change settings"
    SCHEDULE = "change schedules and mail"
    INTEGRATE = "change tokens and other systems"
    ADMINISTER_USERS = "administer users"
    ERASE = "erase data"
    SEE_AUDIT = "see the audit log"


class Role(StrEnum):
    """What somebody is in a venue; the value stands in ``access.toml`` and in the audit log."""

    STAFF = "staff"
    MANAGER = "manager"
    INSTALLER = "installer"
    ADMINISTRATOR = "administrator"
    EVERYBODY = "everybody"
    """Of a venue without users: open, as long as nobody has set users up."""
    SERVICE = "service"
    """A program that runs unattended, such as ``record`` and ``schedule run``."""
    WALL = "wall"
    """A screen for everybody, without a keyboard: looks, and nothing else."""


ROLES_OF_PEOPLE = (Role.STAFF, Role.MANAGER, Role.INSTALLER, Role.ADMINISTRATOR)
"""Those that a user can have."""

_DAILY = frozenset({Permission.SEE_FIGURES, Permission.RECORD, Permission.NOTE})

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.STAFF: _DAILY | {Permission.EXPORT_REPORTS},
        Role.MANAGER: _DAILY
        | {
            Permission.EXPORT_REPORTS,
            Permission.EXPORT_PERSONS,
            Permission.EDIT_PLAN,
            Permission.SCHEDULE,
            Permission.SEE_AUDIT,
        },
        Role.INSTALLER: _DAILY
        | {
            Permission.EDIT_PLAN,
            Permission.EDIT_CAMERAS,
            Permission.VALIDATE,
            Permission.CHANGE_SETTINGS,
        },
        Role.ADMINISTRATOR: frozenset(Permission),
        Role.EVERYBODY: frozenset(Permission),
        Role.SERVICE: frozenset(
            {
                Permission.SEE_FIGURES,
                Permission.RECORD,
                Permission.EXPORT_REPORTS,
                Permission.NOTE,
            }
        ),
        Role.WALL: frozenset({Permission.SEE_FIGURES}),
    }
)


def may(role: Role, permission: Permission) -> bool:
    """Whether a role holds a permission."""
    return permission in PERMISSIONS[role]


def roles_with(permission: Permission) -> tuple[Role, ...]:
    """The roles of people that hold a permission."""
    return tuple(role for role in ROLES_OF_PEOPLE if may(role, permission))
