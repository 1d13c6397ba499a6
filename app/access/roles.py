"""Define the permissions and roles of a venue with users."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """A permission; the value is its name in logs and messages."""

    SEE_FIGURES = "see figures"
    RECORD = "start and stop recordings"
    NOTE = "acknowledge alarms and add notes"
    EXPORT_REPORTS = "export reports"
    EXPORT_PERSONS = "export tracks and visits of individual visitors"
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
    """A role in a venue; the value stands in ``access.toml`` and in the audit log."""

    STAFF = "staff"
    MANAGER = "manager"
    INSTALLER = "installer"
    ADMINISTRATOR = "administrator"
    EVERYBODY = "everybody"
    """Anyone in a venue without users."""
    SERVICE = "service"
    """An unattended program such as ``record`` and ``schedule run``."""
    WALL = "wall"
    """A public screen without a keyboard, which only shows figures."""


ROLES_OF_PEOPLE = (Role.STAFF, Role.MANAGER, Role.INSTALLER, Role.ADMINISTRATOR)
"""Roles of users."""

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
    """Return whether a role holds a permission."""
    return permission in PERMISSIONS[role]


def list_roles_with(permission: Permission) -> tuple[Role, ...]:
    """Return the roles of people that hold a permission."""
    return tuple(role for role in ROLES_OF_PEOPLE if may(role, permission))
