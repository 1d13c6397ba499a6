"""The REST interface: what is now and what was, for reading only, to whoever has a token.

Aggregates alone are told: counts of people, never a track, a visitor or a picture. Every answer is described
by ``/openapi.json``; errors are problems (RFC 9457).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError
from app.integrations.event_stream import MOST_LISTENERS, EventStream, ListenerCount
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.problem_answers import (
    NotReadyError,
    UnknownNameError,
    describe_responses,
    install_problems,
)
from app.integrations.prometheus_figures import CONTENT_TYPE, format_metrics
from app.integrations.rest_models import (
    AlarmNow,
    CameraNow,
    HallNow,
    HistoryAnswer,
    LineNow,
    Problem,
    ZoneNow,
    describe_alarm,
    describe_camera,
    describe_hall,
    describe_line,
    describe_row,
    describe_zone,
)
from app.integrations.serving import PublisherState
from app.integrations.snapshot_shelf import SnapshotShelf
from app.integrations.token_check import RequestLimit, TokenCheck
from app.operations.kept_history import HistoryStep, read_kept_history
from app.venue.access_tokens import Scope
from app.venue.file_format import read_venue
from app.venue.rest_settings import RestSettings

STALE_S = 10.0
"""An older snapshot is no longer what is now."""
HISTORY_WITHIN_S = 30.0
"""One history is computed at a time; who waits for longer is asked to come again."""
VERSION = "1"
_BEARER = HTTPBearer(auto_error=False, description="A token of `python -m app token add`.")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
_ALWAYS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


@dataclass(slots=True)
class RestParts:
    """What the interface answers from.

    Attributes:
        list_publishers: how everything that tells other systems does.
    """

    folder: Path
    settings: RestSettings
    shelf: SnapshotShelf = field(default_factory=SnapshotShelf)
    clock: Clock = field(default_factory=SystemClock)
    list_publishers: Callable[[], Sequence[PublisherState]] = tuple


def make_rest_app(parts: RestParts) -> FastAPI:
    """The interface of one venue as an ASGI application."""
    limit = RequestLimit(parts.settings.requests_per_min, parts.clock)
    check = TokenCheck(parts.folder, limit=limit, clock=parts.clock)
    app = FastAPI(
        title="ExpoFlow",
        version=VERSION,
        description=__doc__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.token_check = check
    install_problems(app)
    app.add_middleware(_Headers, is_tls=parts.settings.uses_tls)
    _add_now(app, parts, check)
    _add_history(app, parts, check)
    _add_rest(app, parts, check)
    return app


def _require(check: TokenCheck, scope: Scope | None) -> Callable[..., None]:
    def admit(
        request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> None:
        request.state.token = check.admit(None if sent is None else sent.credentials, scope)

    return admit


def _add_now(app: FastAPI, parts: RestParts, check: TokenCheck) -> None:
    admitted = [Depends(_require(check, Scope.NOW))]
    problems = describe_responses(*_ALWAYS)

    def take() -> HallSnapshot:
        return _take(parts)

    @app.get("/v1/now", dependencies=admitted, responses=problems, tags=["now"])
    def read_now() -> HallNow:
        """Everything at this moment."""
        return describe_hall(take())

    @app.get("/v1/zones", dependencies=admitted, responses=problems, tags=["now"])
    def list_zones() -> tuple[ZoneNow, ...]:
        """Every zone at this moment."""
        return tuple(describe_zone(zone) for zone in take().zones)

    @app.get(
        "/v1/zones/{name:path}",
        dependencies=admitted,
        responses=problems | describe_responses(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
        tags=["now"],
    )
    def read_zone(name: str) -> ZoneNow:
        """One zone at this moment."""
        for zone in take().zones:
            if zone.name == name:
                return describe_zone(zone)
        raise UnknownNameError("There is no zone '{name}'.", "List them with /v1/zones.", name=name)

    @app.get("/v1/lines", dependencies=admitted, responses=problems, tags=["now"])
    def list_lines() -> tuple[LineNow, ...]:
        """Every counting line, since midnight."""
        return tuple(describe_line(line) for line in take().lines)

    @app.get("/v1/cameras", dependencies=admitted, responses=problems, tags=["now"])
    def list_cameras() -> tuple[CameraNow, ...]:
        """Every camera at this moment."""
        return tuple(describe_camera(camera) for camera in take().cameras)

    @app.get("/v1/alarms", dependencies=admitted, responses=problems, tags=["now"])
    def list_alarms() -> tuple[AlarmNow, ...]:
        """The alarms that hold, the newest first."""
        return tuple(describe_alarm(alarm) for alarm in take().alarms)

    count = ListenerCount()

    @app.get(
        "/v1/events",
        dependencies=admitted,
        response_class=Response,
        responses=problems
        | {
            200: {
                "description": "Server-sent events: `snapshot`, once a second, with the answer of /v1/now.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            }
        },
        tags=["now"],
    )
    def listen(request: Request) -> Response:
        """What is now, once a second, until the connection is closed."""
        if count.listening >= MOST_LISTENERS:
            raise NotReadyError(
                "{most} others listen already.", "Try again later, or ask /v1/now.", most=MOST_LISTENERS
            )
        token = request.state.token
        return EventStream(parts.shelf, count=count, may_go_on=lambda: check.is_valid(token))


def _add_history(app: FastAPI, parts: RestParts, check: TokenCheck) -> None:
    computing = threading.Lock()

    @app.get(
        "/v1/history",
        dependencies=[Depends(_require(check, Scope.HISTORY))],
        responses=describe_responses(*_ALWAYS, HTTPStatus.UNPROCESSABLE_ENTITY),
        tags=["history"],
    )
    def read_history(
        begin: Annotated[datetime, Query(alias="from", description="With its zone, such as Z.")],
        end: Annotated[datetime, Query(alias="to", description="The same; not in the period itself.")],
        by: Annotated[HistoryStep, Query(description="By the venue's clock.")] = HistoryStep.HOUR,
    ) -> HistoryAnswer:
        """Visits, mean dwell and coverage of every zone, by hour (31 days at most) or by day (366)."""
        period_s = _to_seconds(begin, "from"), _to_seconds(end, "to")
        if not computing.acquire(timeout=HISTORY_WITHIN_S):
            raise NotReadyError("Another history is being computed.", "Ask again in a minute.")
        try:
            venue = read_venue(parts.folder)
            rows = read_kept_history(venue, period_s=period_s, step=by, now_utc_s=parts.clock.now_utc_s())
        finally:
            computing.release()
        return HistoryAnswer(
            venue=venue.name,
            by=by,
            time_zone=venue.exhibition.time_zone,
            steps=tuple(describe_row(row) for row in rows),
        )


def _add_rest(app: FastAPI, parts: RestParts, check: TokenCheck) -> None:
    @app.get(
        "/metrics",
        dependencies=[Depends(_require(check, Scope.METRICS))],
        response_class=Response,
        responses=describe_responses(*_ALWAYS)
        | {
            200: {"description": "For Prometheus.", "content": {CONTENT_TYPE: {"schema": {"type": "string"}}}}
        },
        tags=["metrics"],
    )
    def read_metrics() -> Response:
        """What is now, in the text format of Prometheus."""
        body = format_metrics(_take(parts), parts.list_publishers())
        return Response(body, headers={"content-type": CONTENT_TYPE})

    @app.get(
        "/openapi.json",
        dependencies=[Depends(_require(check, None))],
        responses=describe_responses(*_ALWAYS),
        include_in_schema=False,
    )
    def read_description() -> JSONResponse:
        return JSONResponse(describe_api(app))


def describe_api(app: FastAPI) -> dict[str, object]:
    """The OpenAPI description; errors of ours in place of the framework's own."""
    described = app.openapi()
    schemas = described["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return described


def _take(parts: RestParts) -> HallSnapshot:
    _, snapshot = parts.shelf.take()
    if snapshot is None or parts.clock.now_utc_s() - snapshot.at_utc_s > STALE_S:
        raise NotReadyError(
            "It is not known at this moment what is now.", "Try again; the log of the server says why."
        )
    return snapshot


def _to_seconds(moment: datetime, name: str) -> float:
    if moment.tzinfo is None:
        raise ExpoFlowError("'{name}' has no time zone.", "Write it like 2026-11-25T09:00:00Z.", name=name)
    try:
        return moment.timestamp()
    except (OverflowError, ValueError) as error:
        raise ExpoFlowError(
            "'{name}' lies outside of all time.", "Write it like 2026-11-25T09:00:00Z.", name=name
        ) from error


class _Headers:
    """Says with every answer that it is no page, is not to be kept, and belongs in no other page."""

    def __init__(self, app: ASGIApp, *, is_tls: bool) -> None:
        self._app = app
        hsts = ((b"strict-transport-security", b"max-age=31536000"),) if is_tls else ()
        self._headers = (*_HEADERS, *hsts)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        await self._app(scope, receive, send_with_headers)
