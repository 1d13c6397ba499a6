"""Changes to the web addresses that a venue tells what happens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from analytics.domain.errors import VenueError
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.web_address import require_no_metadata_host
from app.integrations.webhooks.webhook_settings import (
    MOST_WEBHOOKS,
    Webhook,
    check_webhook,
    read_webhooks,
    write_webhooks,
)


@changes_venue(Permission.INTEGRATE, "webhook saved", lambda webhook: {"webhook": webhook.name})
def save_webhook(folder: Path, webhook: Webhook) -> tuple[Webhook, ...]:
    """Add a webhook, or put it in the place of one of its name; gives all.

    Raises:
        VenueError: something of it cannot be, or there are too many; nothing was changed.
    """
    check_webhook(webhook)
    if webhook.is_enabled:
        require_no_metadata_host(urlsplit(webhook.url).hostname or "")
    before = read_webhooks(folder)
    if webhook.name in [one.name for one in before]:
        after = tuple(webhook if one.name == webhook.name else one for one in before)
    else:
        after = (*before, webhook)
    if len(after) > MOST_WEBHOOKS:
        raise VenueError(
            "There are {most} webhooks already.", "Remove one that is not needed.", most=MOST_WEBHOOKS
        )
    write_webhooks(folder, after)
    return after


def switch_webhook(folder: Path, name: str, *, is_enabled: bool) -> tuple[Webhook, ...]:
    """Let a webhook be told, or not any more; what is entered stays. Gives all.

    Raises:
        VenueError: there is none of that name, or it cannot be.
    """
    return save_webhook(folder, replace(require_webhook(folder, name), is_enabled=is_enabled))


@changes_venue(Permission.INTEGRATE, "webhook removed", lambda name: {"webhook": name})
def remove_webhook(folder: Path, name: str) -> Webhook:
    """Take a webhook away; what waits for it is not posted any more. Gives what was taken away.

    Raises:
        VenueError: there is none of that name.
    """
    found = require_webhook(folder, name)
    write_webhooks(folder, [one for one in read_webhooks(folder) if one.name != name])
    return found


def require_webhook(folder: Path, name: str) -> Webhook:
    """The webhook of a name.

    Raises:
        VenueError: there is none, or the settings cannot be read.
    """
    webhooks = read_webhooks(folder)
    found = next((one for one in webhooks if one.name == name), None)
    if found is None:
        raise VenueError(
            "There is no webhook '{name}'.",
            "Choose one of: {names}.",
            name=name,
            names=", ".join(one.name for one in webhooks) or "–",
        )
    return found
