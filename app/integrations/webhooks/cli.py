"""The ``webhook`` commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.console.console import print_json, print_message, print_table
from app.console.language import tr, translate

app = typer.Typer(help="Send events to web addresses while 'serve' runs.")
_VenueOption = Annotated[Path, typer.Option("--venue", help="The venue's folder.")]


@app.command("add")
def add(
    name: Annotated[
        str, typer.Argument(help="Name of the webhook; an existing one of that name is replaced.")
    ],
    url: Annotated[str, typer.Argument(help="The https address that receives the messages.")],
    venue: _VenueOption,
    events: Annotated[
        str | None,
        typer.Option(
            help="Events, separated by commas: alarm_raised, alarm_cleared, over_capacity, "
            "capacity_ok, camera_down, camera_up; all by default, none for ''."
        ),
    ] = None,
    every: Annotated[
        int, typer.Option(help="Interval in minutes of messages with live data; 0 for none.")
    ] = 0,
    secret: Annotated[
        bool, typer.Option("--secret/--no-secret", help="Prompt for the secret that signs the messages.")
    ] = True,
) -> None:
    """Add a webhook; its secret is stored in the keyring."""
    from app.core.credentials import Credential, open_credential_store
    from app.core.signed_post import make_webhook_key
    from app.integrations.webhooks.webhook_settings import (
        EventKind,
        Webhook,
        check_webhook,
        parse_events,
        save_webhook,
    )

    kinds = (
        frozenset(EventKind) if events is None else parse_events([e for e in events.split(",") if e.strip()])
    )
    webhook = check_webhook(Webhook(name, url, kinds, every))
    typed = typer.prompt(tr("Secret of the webhook"), hide_input=True, err=True) if secret else ""
    save_webhook(venue, webhook)
    if typed:
        open_credential_store().store(make_webhook_key(url), Credential("", typed))
    print_message(tr("Messages are sent to the webhook '{name}' while 'serve' runs.", name=name))
    if not typed:
        print_message(tr("Its messages are signed only if a secret is stored for this address: --secret."))


@app.command("list")
def list_webhooks(
    venue: _VenueOption,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List all webhooks with their events and waiting messages."""
    from analytics.domain.clock import format_utc
    from app.error_reporting import describe_error
    from app.integrations.webhooks.webhook_queue import WebhookState, read_states
    from app.integrations.webhooks.webhook_settings import read_webhooks

    states = read_states(venue)
    rows = [(webhook, states.get(webhook.name, WebhookState())) for webhook in read_webhooks(venue)]
    if as_json:
        print_json(
            [
                {
                    "name": webhook.name, "url": webhook.url, "events": sorted(webhook.events),
                    "every_min": webhook.every_min, "is_enabled": webhook.is_enabled,
                    "waiting": len(state.waiting), "sent": state.sent, "dropped": state.dropped,
                    "sent_utc": None if state.sent_s is None else format_utc(state.sent_s),
                    "problem": None if state.error is None else str(state.error),
                }
                for webhook, state in rows
            ]
        )  # fmt: skip
        return
    print_table(
        (tr("Name"), tr("Address"), tr("Event types"), tr("Sent"), tr("Waiting"), tr("Dropped")),
        [
            (
                webhook.name if webhook.is_enabled else f"{webhook.name} ({tr('switched off')})",
                webhook.url,
                ", ".join(
                    [*sorted(webhook.events), *([f"{webhook.every_min} min"] if webhook.every_min else [])]
                ),
                state.sent,
                len(state.waiting),
                state.dropped,
            )
            for webhook, state in rows
        ],
    )
    for _webhook, state in rows:
        if state.error is not None:
            report = describe_error(state.error, translate=translate)
            print_message(f"{report.problem} {report.remedy}")


@app.command("test")
def test(
    name: Annotated[str, typer.Argument(help="Name of the webhook.")],
    venue: _VenueOption,
) -> None:
    """Send a message of the kind 'trial' now."""
    from analytics.domain.clock import SystemClock
    from app.integrations.webhooks.webhook_publisher import find_secret, make_trial, post_event
    from app.integrations.webhooks.webhook_settings import require_webhook

    webhook = require_webhook(venue, name)
    now_utc_s = SystemClock().now_utc_s()
    secret = find_secret(webhook)
    trial = make_trial(venue.resolve().stem, now_utc_s=now_utc_s)
    post_event(webhook, trial, secret=secret, now_utc_s=now_utc_s)
    if secret is None:
        print_message(tr("The webhook '{name}' accepted an unsigned message.", name=name))
    else:
        print_message(tr("The webhook '{name}' accepted a signed message.", name=name))


@app.command("on")
def switch_on(name: Annotated[str, typer.Argument(help="Name of the webhook.")], venue: _VenueOption) -> None:
    """Switch a webhook on."""
    from app.integrations.webhooks.webhook_settings import switch_webhook

    switch_webhook(venue, name, is_enabled=True)
    print_message(tr("Messages are sent to the webhook '{name}' while 'serve' runs.", name=name))


@app.command("off")
def switch_off(
    name: Annotated[str, typer.Argument(help="Name of the webhook.")], venue: _VenueOption
) -> None:
    """Switch a webhook off; its settings are kept."""
    from app.integrations.webhooks.webhook_settings import switch_webhook

    switch_webhook(venue, name, is_enabled=False)
    print_message(tr("The webhook '{name}' is switched off.", name=name))


@app.command("remove")
def remove(name: Annotated[str, typer.Argument(help="Name of the webhook.")], venue: _VenueOption) -> None:
    """Remove a webhook and its waiting messages; the secret stays in the keyring."""
    from app.integrations.webhooks.webhook_settings import remove_webhook

    remove_webhook(venue, name)
    print_message(tr("The webhook '{name}' was removed.", name=name))
