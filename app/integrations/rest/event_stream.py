"""Server-sent events: one snapshot per second for each listener, independent of slow listeners.

Every event is a whole snapshot, so that ``Last-Event-ID`` is not needed after a reconnection.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.integrations.hall_snapshot import HallSnapshot, LatestSnapshot
from app.integrations.rest.rest_models import HallNow

POLL_INTERVAL_S = 0.1
HEARTBEAT_S = 15.0
"""Seconds without a snapshot before a keep-alive comment, as proxies close silent connections."""
STALLED_S = 20.0
"""Seconds after which a listener that reads nothing is disconnected."""
MAX_LISTENERS = 50
RETRY_MS = 2000


@dataclass(slots=True)
class ListenerCount:
    """Number of open event streams."""

    listening: int = 0


class EventStream(Response):
    """A response that streams snapshots until the listener leaves, stalls or loses permission."""

    media_type = "text/event-stream"

    def __init__(
        self,
        latest: LatestSnapshot,
        *,
        count: ListenerCount,
        is_allowed: Callable[[], bool],
        headers: Mapping[str, str] | None = None,
        stalled_s: float = STALLED_S,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        super().__init__(headers=dict(headers or {}), media_type=self.media_type)
        del self.headers["content-length"]
        self._latest, self._count, self._is_allowed = latest, count, is_allowed
        self._stalled_s, self._heartbeat_s = stalled_s, heartbeat_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send the response through ASGI."""
        self._count.listening += 1
        disconnected = asyncio.create_task(_wait_for_disconnect(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async for text in self._generate(disconnected):
                message = {"type": "http.response.body", "body": text.encode(), "more_body": True}
                # send blocks once a listener that does not read has filled the buffers
                await asyncio.wait_for(send(message), self._stalled_s)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(send({"type": "http.response.body", "body": b""}), self._stalled_s)
        except TimeoutError:
            pass
        finally:
            self._count.listening -= 1
            disconnected.cancel()

    async def _generate(self, disconnected: asyncio.Task[None]) -> AsyncIterator[str]:
        yield f"retry: {RETRY_MS}\n\n"
        sent_number, silent_s = 0, 0.0
        while not disconnected.done():
            number, snapshot = self._latest.read()
            if snapshot is not None and number != sent_number:
                if not self._is_allowed():
                    return
                sent_number, silent_s = number, 0.0
                yield format_event(number, snapshot)
            elif silent_s >= self._heartbeat_s:
                silent_s = 0.0
                yield ": still here\n\n"
            await asyncio.sleep(POLL_INTERVAL_S)
            silent_s += POLL_INTERVAL_S


def format_event(number: int, snapshot: HallSnapshot) -> str:
    """Format a snapshot as one event; JSON contains no line breaks."""
    return f"id: {number}\nevent: snapshot\ndata: {HallNow.model_validate(snapshot).model_dump_json()}\n\n"


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
