"""The ``webhook`` commands."""

from __future__ import annotations

from typing import Annotated

import typer

from app.console.console import print_message
from app.console.language import tr
from app.console.options import VenueOption

app = typer.Typer(help="Send events to web addresses while 'serve' runs.")


@app.command("add")
def add(
    name: Annotated[
        str, typer.Argument(help="Name of the webhook; an existing one of that name is replaced.")
    ],
    url: Annotated[str, typer.Argument(help="The https address that receives the messages.")],
    venue: VenueOption,
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
