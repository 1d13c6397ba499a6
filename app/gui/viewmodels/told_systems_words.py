"""What is said of a broker and of webhooks."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.gui.table_models.cell_text import format_number
from app.gui.translation import tr, trn
from app.integrations.webhook_queue import WebhookState
from app.venue.mqtt_settings import MqttSettings
from app.venue.webhook_settings import EventKind, Webhook


def describe_broker(settings: MqttSettings | None) -> str:
    """Which broker is told, and whether."""
    if settings is None:
        return tr("No broker is entered.")
    return tr(
        "{host}, port {port}, {tls}, topic {topic}: {state}",
        host=settings.host,
        port=settings.port,
        tls=tr("with TLS") if settings.uses_tls else tr("without TLS"),
        topic=settings.topic,
        state=tr("switched on") if settings.is_enabled else tr("switched off"),
    )


def name_event(kind: EventKind) -> str:
    """What happens, in a few words."""
    return {
        EventKind.ALARM_RAISED: tr("an alarm is raised"),
        EventKind.ALARM_CLEARED: tr("an alarm is over"),
        EventKind.OVER_CAPACITY: tr("a place is over its capacity"),
        EventKind.CAPACITY_OK: tr("a place is within its capacity again"),
        EventKind.CAMERA_DOWN: tr("a camera is down"),
        EventKind.CAMERA_UP: tr("a camera is back"),
    }[kind]


def describe_subject(webhook: Webhook) -> str:
    """What a webhook is told."""
    words = []
    if webhook.events == frozenset(EventKind):
        words.append(tr("all events"))
    elif webhook.events:
        words.append(trn("{n} kind of event", "{n} kinds of events", len(webhook.events)))
    if webhook.every_min:
        words.append(trn("what is now, every minute", "what is now, every {n} minutes", webhook.every_min))
    if not webhook.is_enabled:
        words.append(tr("switched off"))
    return tr(", ").join(words)


def describe_messages(state: WebhookState) -> str:
    """What became of a webhook's messages."""
    words = [tr("{count} sent", count=format_number(state.sent))]
    if state.waiting:
        words.append(tr("{count} wait", count=format_number(len(state.waiting))))
    if state.dropped:
        words.append(tr("{count} dropped", count=format_number(state.dropped)))
    return tr(", ").join(words)


def name_host(webhook: Webhook) -> str:
    """The machine of a webhook's address; the rest may be longer than any window."""
    return urlsplit(webhook.url).netloc
