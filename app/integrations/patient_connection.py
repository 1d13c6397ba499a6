"""A connection that asks nothing is closed: otherwise whoever opens many would keep all others out."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

LOOK_EVERY_S = 15.0


class PatientConnection(H11Protocol):
    """Closed where between two looks no request was asked in full, and none is being answered."""

    look_every_s = LOOK_EVERY_S

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has come."""
        super().connection_made(transport)
        self._answered: RequestResponseCycle | None = None
        self._was_idle = False
        self._look_task = self.loop.call_later(self.look_every_s, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        self._look_task.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        if self.transport.is_closing():
            return
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle and self._was_idle and self.cycle is self._answered:
            self.transport.close()
            return
        self._was_idle, self._answered = is_idle, self.cycle
        self._look_task = self.loop.call_later(self.look_every_s, self._look)
