"""Server-sent events: a snapshot a second to whoever listens; one that does not read holds nobody else.

Every event is a whole snapshot, so that whoever was away has missed nothing: ``Last-Event-ID`` is not needed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.integrations.hall_snapshot import HallSnapshot, LatestSnapshot
from app.integrations.rest.rest_models import describe_hall

LOOK_EVERY_S = 0.1
HEARTBEAT_S = 15.0
"""Without news a comment says that the connection lives: proxies close silent ones."""
STALLED_S = 20.0
"""Whoever has taken nothing for so long is disconnected."""
MAX_LISTENERS = 50
RETRY_MS = 2000


@dataclass(slots=True)
class ListenerCount:
    """How many listen, of all and of each asker."""

    listening: int = 0


class EventStream(Response):
    """Snapshots until the listener goes, takes nothing any more, or may listen no more."""

    media_type = "text/event-stream"

    def __init__(
        self,
        shelf: LatestSnapshot,
        *,
        count: ListenerCount,
        may_go_on: Callable[[], bool],
        headers: Mapping[str, str] | None = None,
        stalled_s: float = STALLED_S,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        super().__init__(headers=dict(headers or {}), media_type=self.media_type)
        del self.headers["content-length"]
        self._shelf, self._count, self._may_go_on = shelf, count, may_go_on
        self._stalled_s, self._heartbeat_s = stalled_s, heartbeat_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Answer, as ASGI wants it."""
        self._count.listening += 1
        gone = asyncio.create_task(_wait_for_going(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async for text in self._tell(gone):
                message = {"type": "http.response.body", "body": text.encode(), "more_body": True}
                # whoever does not read fills the system's buffers, and then this waits
                await asyncio.wait_for(send(message), self._stalled_s)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(send({"type": "http.response.body", "body": b""}), self._stalled_s)
        except TimeoutError:
            pass
        finally:
            self._count.listening -= 1
            gone.cancel()

    async def _tell(self, gone: asyncio.Task[None]) -> AsyncIterator[str]:
        yield f"retry: {RETRY_MS}\n\n"
        told, silent_s = 0, 0.0
        while not gone.done():
            number, snapshot = self._shelf.take()
            if snapshot is not None and number != told:
                if not self._may_go_on():
                    return
                told, silent_s = number, 0.0
                yield format_event(number, snapshot)
            elif silent_s >= self._heartbeat_s:
                silent_s = 0.0
                yield ": still here\n\n"
            await asyncio.sleep(LOOK_EVERY_S)
            silent_s += LOOK_EVERY_S


def format_event(number: int, snapshot: HallSnapshot) -> str:
    """One event with a snapshot; JSON has no line breaks in it."""
    return f"id: {number}\nevent: snapshot\ndata: {describe_hall(snapshot).model_dump_json()}\n\n"


async def _wait_for_going(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
