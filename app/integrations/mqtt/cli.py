"""The ``mqtt`` commands."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from app.console.console import print_message
from app.console.language import check_language, find_language, tr
from app.console.options import VenueOption

app = typer.Typer(help="Publish live data to an MQTT broker while 'serve' runs.")


@app.command("set")
def set_broker(
    host: Annotated[str, typer.Argument(help="Name or address of the broker.")],
    venue: VenueOption,
    port: Annotated[int | None, typer.Option(help="Port; by default 8883 with TLS, otherwise 1883.")] = None,
    user: Annotated[str, typer.Option(help="User name; prompts for the password.")] = "",
    tls: Annotated[
        bool | None,
        typer.Option(
            "--tls/--no-tls",
            help="Encrypt the connection; by default on unless the broker runs on this computer.",
        ),
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(help="PEM file of the authority that signed the broker's certificate.")
    ] = None,
    topic: Annotated[str, typer.Option(help="Prefix of all topics; by default expoflow/VENUE.")] = "",
    every: Annotated[float, typer.Option(help="Minimum seconds between two messages of a topic.")] = 5.0,
    home_assistant: Annotated[
        bool,
        typer.Option(
            "--home-assistant/--no-home-assistant", help="Add sensors to Home Assistant automatically."
        ),
    ] = True,
    language: Annotated[
        str | None,
        typer.Option(
            help="Language of the names in Home Assistant; defaults to yours.", callback=check_language
        ),
    ] = None,
) -> None:
    """Set up and enable a broker; the password is stored in the keyring."""
    from app.core.credentials import Credential, open_credential_store
    from app.integrations.mqtt.mqtt_connection import make_mqtt_key
    from app.integrations.mqtt.mqtt_settings import check_mqtt, save_mqtt, suggest_mqtt

    settings = dataclasses.replace(
        suggest_mqtt(venue, host, port=port, uses_tls=tls, topic=topic),
        user=user,
        ca_file="" if ca_file is None else str(ca_file.resolve()),
        every_s=every,
        discovery_topic="homeassistant" if home_assistant else "",
        language=language or find_language(),
    )
    check_mqtt(settings)
    password = typer.prompt(tr("Password of {user}", user=user), hide_input=True, err=True) if user else ""
    save_mqtt(venue, settings)
    if user:
        open_credential_store().store(make_mqtt_key(settings), Credential(user, password))
    print_message(
        tr(
            "Data is published to the broker {host} under {topic} while 'serve' runs.",
            host=host,
            topic=settings.topic,
        )
    )
    if user and not settings.uses_tls and tls is False:
        print_message(tr("Without TLS anyone in this network can read the data and the password."))
