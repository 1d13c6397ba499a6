"""HTTP server of the REST interface, in a thread of its own."""

from __future__ import annotations

import logging
import math
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi import Path as PathParameter
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import AccessError, ExpoFlowError, StoreError, VenueError
from app.core.document import Venue
from app.core.file_format import read_venue
from app.error_reporting import describe_error
from app.exhibition.exhibition_analysis import read_stands
from app.exhibition.exhibition_figures import rank_by_place
from app.integrations.hall_snapshot import HallSnapshot, LatestSnapshot
from app.integrations.rest.access_tokens import Scope
from app.integrations.rest.event_stream import MAX_LISTENERS, EventStream, ListenerCount
from app.integrations.rest.hourly_summary import (
    HistoryStep,
    check_period,
    read_history_gaps,
    read_hourly_summary,
)
from app.integrations.rest.prometheus_figures import CONTENT_TYPE, format_metrics
from app.integrations.rest.rest_models import (
    AlarmNow,
    CameraNow,
    HallInSite,
    HallNow,
    HistoryAnswer,
    LineNow,
    Problem,
    StandsAnswer,
    ZoneNow,
    describe_gap,
    describe_hall_in_site,
    describe_row,
    describe_stands,
)
from app.integrations.rest.rest_settings import RestSettings, read_rest
from app.integrations.rest.token_check import (
    NoTokenError,
    RequestCounts,
    RequestLimit,
    TokenCheck,
    TooManyRequestsError,
)
from app.integrations.serving import PublisherState
from app.integrations.web_server import SecurityHeaders, WebServer, choose_language, load_catalogue

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger(__name__)


class NotReadyError(ExpoFlowError):
    """An error for a response that is not available at the moment."""


class UnknownNameError(ExpoFlowError):
    """An error for an unknown name."""


def describe_responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, object]]:
    """Return the problems of a path for the API documentation."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        int(status): {"description": status.phrase, "content": {MEDIA_TYPE: schema}} for status in statuses
    }


def install_problems(app: FastAPI) -> None:
    """Register handlers that turn every error of an application into a problem response."""
    app.add_exception_handler(ExpoFlowError, _answer_error)
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(Exception, _answer_unexpected)


def make_problem(
    request: Request, error: ExpoFlowError, status: HTTPStatus, headers: dict[str, str] | None = None
) -> Response:
    """Return a problem response for an error."""
    catalogue = load_catalogue(choose_language(request.headers.get("accept-language", "")))
    report = describe_error(error, translate=lambda text: catalogue.gettext(text) if text else "")
    problem = Problem(type="about:blank", title=report.problem, status=int(status), detail=report.remedy)
    return JSONResponse(problem.model_dump(), int(status), headers=headers, media_type=MEDIA_TYPE)


async def _answer_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ExpoFlowError)
    match error:
        case TooManyRequestsError():
            wait_s = str(max(1, math.ceil(error.after_s)))
            return make_problem(request, error, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": wait_s})
        case NoTokenError():
            headers = {"WWW-Authenticate": "Bearer"}
            return make_problem(request, error, HTTPStatus.UNAUTHORIZED, headers)
        case AccessError():
            headers = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
            return make_problem(request, error, HTTPStatus.FORBIDDEN, headers)
        case UnknownNameError():
            return make_problem(request, error, HTTPStatus.NOT_FOUND)
        case NotReadyError() | StoreError() | VenueError():
            if not isinstance(error, NotReadyError):
                _LOG.warning("%s %s", error.problem, error.remedy)
                # the message names folders of this machine
                error = NotReadyError("The venue cannot be read at this moment.", "See the server's log.")
            return make_problem(request, error, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "5"})
        case _:
            return make_problem(request, error, HTTPStatus.UNPROCESSABLE_ENTITY)


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    errors = {
        HTTPStatus.NOT_FOUND: ExpoFlowError(
            "This address does not exist.", "See /openapi.json for the available addresses."
        ),
        HTTPStatus.METHOD_NOT_ALLOWED: ExpoFlowError("The interface is read-only.", "Use GET."),
    }
    described = errors.get(status) or ExpoFlowError(
        "The request failed ({status}).", "See /openapi.json.", status=status.phrase
    )
    return make_problem(request, described, status, dict(error.headers or {}))


async def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    names = sorted({str(fault["loc"][-1]) for fault in error.errors()})
    described = ExpoFlowError(
        "The request has invalid values: {names}.",
        "Write times as 2026-11-25T09:00:00Z, and see /openapi.json.",
        names=", ".join(names),
    )
    return make_problem(request, described, HTTPStatus.UNPROCESSABLE_ENTITY)


async def _answer_unexpected(request: Request, error: Exception) -> Response:  # noqa: ARG001
    # the server logs the error
    described = ExpoFlowError("An unexpected error occurred.", "See the server's log.")
    return make_problem(request, described, HTTPStatus.INTERNAL_SERVER_ERROR)


MAX_SNAPSHOT_AGE_S = 10.0
"""Age in seconds from which a snapshot no longer counts as current."""
HISTORY_TIMEOUT_S = 30.0
"""Seconds that a history request waits for another one before it is refused."""
VERSION = "1"
_Begin = Annotated[datetime, Query(alias="from", description="Start, with a time zone such as Z.")]
_End = Annotated[datetime, Query(alias="to", description="End (exclusive), with a time zone.")]
_BEARER = HTTPBearer(auto_error=False, description="A token of `python -m app token add`.")
_ALWAYS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


_MakeAdmission = Callable[[Scope | None], Callable[..., None]]


@dataclass(slots=True)
class RestParts:
    """The data sources and limits of the interface.

    Attributes:
        list_publishers: returns the states of all publishers.
        max_age_s: age from which a snapshot no longer counts as current.
        halls: parts of the halls by name in addresses, which may be added later; None: it is a venue's.
        name: of a hall of a site.
    """

    folder: Path
    settings: RestSettings
    latest: LatestSnapshot = field(default_factory=LatestSnapshot)
    clock: Clock = field(default_factory=SystemClock)
    list_publishers: Callable[[], Sequence[PublisherState]] = tuple
    max_age_s: float = MAX_SNAPSHOT_AGE_S
    halls: dict[str, RestParts] | None = None
    name: str = ""


def make_rest_app(parts: RestParts) -> FastAPI:
    """Return the ASGI application of a venue's interface, or of a site's: the same for each of its halls."""
    limit = RequestLimit(parts.settings.requests_per_min, parts.clock)
    check = TokenCheck(parts.folder, limit=limit, clock=parts.clock)
    app = FastAPI(
        title="ExpoFlow",
        version=VERSION,
        description="Live and historical counts of visitors; null means not observed or unknown.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.token_check = check
    install_problems(app)
    app.add_middleware(SecurityHeaders, is_tls=parts.settings.uses_tls)
    require = partial(_require, check, parts)
    figures, metrics = APIRouter(), APIRouter()
    _add_now(figures, check, require)
    _add_history(figures, require)
    _add_metrics(metrics, require)
    if parts.halls is None:
        app.include_router(figures, prefix="/v1")
        app.include_router(metrics)
    else:
        _add_halls(app, parts.halls, check, require)
        for router in (figures, metrics):
            app.include_router(router, prefix="/v1/halls/{hall}", dependencies=[Depends(_name_hall)])

    @app.get(
        "/openapi.json",
        dependencies=[Depends(require(None))],
        responses=describe_responses(*_ALWAYS),
        include_in_schema=False,
    )
    def read_description() -> JSONResponse:
        return JSONResponse(describe_api(app))

    return app


def _name_hall(hall: Annotated[str, PathParameter(description="As in /v1/halls, such as hall_1.")]) -> str:
    return hall


def _require(check: TokenCheck, parts: RestParts, scope: Scope | None) -> Callable[..., None]:
    def admit(
        request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> None:
        halls = parts.halls or {}
        name = request.path_params.get("hall")
        # the description of the interface is for every token
        chosen = [halls[name]] if name in halls else [] if name is not None else [*halls.values()]
        folders = [hall.folder for hall in chosen]
        secret = None if sent is None else sent.credentials
        request.state.token = check.admit(secret, scope, folders)
        if name is not None and not chosen:
            raise UnknownNameError("There is no hall '{name}'.", "List them with /v1/halls.", name=name)
        request.state.parts, request.state.folders = chosen[0] if name is not None else parts, folders

    return admit


def _add_halls(app: FastAPI, halls: dict[str, RestParts], check: TokenCheck, require: _MakeAdmission) -> None:
    @app.get(
        "/v1/halls",
        dependencies=[Depends(require(Scope.NOW))],
        responses=describe_responses(*_ALWAYS),
        tags=["halls"],
    )
    def list_halls(request: Request) -> tuple[HallInSite, ...]:
        """Return the halls of the site that the token is for, with their figures of this moment."""
        return tuple(
            describe_hall_in_site(key, hall.name, _find_latest(hall))
            for key, hall in sorted(halls.items())
            if check.is_valid(request.state.token, [hall.folder])
        )


def _add_now(app: APIRouter, check: TokenCheck, require: _MakeAdmission) -> None:
    admitted = [Depends(require(Scope.NOW))]
    problems = describe_responses(*_ALWAYS)

    @app.get("/now", dependencies=admitted, responses=problems, tags=["now"])
    def read_now(request: Request) -> HallNow:
        """Return the hall at this moment."""
        return HallNow.model_validate(_read_latest(request))

    @app.get("/zones", dependencies=admitted, responses=problems, tags=["now"])
    def list_zones(request: Request) -> tuple[ZoneNow, ...]:
        """Return every zone at this moment."""
        return tuple(ZoneNow.model_validate(zone) for zone in _read_latest(request).zones)

    @app.get(
        "/zones/{name:path}",
        dependencies=admitted,
        responses=problems | describe_responses(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
        tags=["now"],
    )
    def read_zone(request: Request, name: str) -> ZoneNow:
        """Return one zone at this moment."""
        for zone in _read_latest(request).zones:
            if zone.name == name:
                return ZoneNow.model_validate(zone)
        raise UnknownNameError("There is no zone '{name}'.", "List them with /v1/zones.", name=name)

    @app.get("/lines", dependencies=admitted, responses=problems, tags=["now"])
    def list_lines(request: Request) -> tuple[LineNow, ...]:
        """Return every counting line, since local midnight."""
        return tuple(LineNow.model_validate(line) for line in _read_latest(request).lines)

    @app.get("/cameras", dependencies=admitted, responses=problems, tags=["now"])
    def list_cameras(request: Request) -> tuple[CameraNow, ...]:
        """Return every camera at this moment."""
        return tuple(CameraNow.model_validate(camera) for camera in _read_latest(request).cameras)

    @app.get("/alarms", dependencies=admitted, responses=problems, tags=["now"])
    def list_alarms(request: Request) -> tuple[AlarmNow, ...]:
        """Return the open alarms, newest first."""
        return tuple(AlarmNow.model_validate(alarm) for alarm in _read_latest(request).alarms)

    count = ListenerCount()

    @app.get(
        "/events",
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
    def stream_events(request: Request) -> Response:
        """Stream a snapshot of the hall once a second until the connection is closed."""
        if count.listening >= MAX_LISTENERS:
            raise NotReadyError(
                "{most} clients are already connected.",
                "Try again later, or use /v1/now.",
                most=MAX_LISTENERS,
            )
        state = request.state
        return EventStream(
            state.parts.latest, count=count, is_allowed=lambda: check.is_valid(state.token, state.folders)
        )


def _add_history(app: APIRouter, require: _MakeAdmission) -> None:
    lock = threading.Lock()
    admitted = [Depends(require(Scope.HISTORY))]
    problems = describe_responses(*_ALWAYS, HTTPStatus.UNPROCESSABLE_ENTITY)

    @contextmanager
    def reading(parts: RestParts) -> Iterator[Venue]:
        """Read the venue for one history request at a time."""
        if not lock.acquire(timeout=HISTORY_TIMEOUT_S):
            raise NotReadyError("Another history request is being processed.", "Try again in a minute.")
        try:
            yield read_venue(parts.folder)
        finally:
            lock.release()

    @app.get("/history", dependencies=admitted, responses=problems, tags=["history"])
    def read_history(
        request: Request,
        begin: _Begin,
        end: _End,
        by: Annotated[HistoryStep, Query(description="Step length, in venue time.")] = HistoryStep.HOUR,
    ) -> HistoryAnswer:
        """Return every zone's visits, mean dwell and coverage, by hour (up to 31 days) or day (up to 366)."""
        period_s = _to_seconds(begin, "from"), _to_seconds(end, "to")
        parts: RestParts = request.state.parts
        with reading(parts) as venue:
            rows = read_hourly_summary(venue, period_s=period_s, step=by, now_utc_s=parts.clock.now_utc_s())
            gaps = read_history_gaps(venue, period_s=period_s)
        return HistoryAnswer(
            venue=venue.name,
            by=by,
            time_zone=venue.exhibition.time_zone,
            steps=tuple(describe_row(row) for row in rows),
            gaps=tuple(describe_gap(gap) for gap in gaps),
        )

    @app.get("/stands", dependencies=admitted, responses=problems, tags=["history"])
    def list_stands(request: Request, begin: _Begin, end: _End) -> StandsAnswer:
        """Return every stand's figures in a period of up to 366 days, the best for its place first."""
        period_s = check_period((_to_seconds(begin, "from"), _to_seconds(end, "to")), max_days=366)
        parts: RestParts = request.state.parts
        with reading(parts) as venue:
            found = read_stands(venue, (period_s[0], min(period_s[1], parts.clock.now_utc_s())))
        return describe_stands(venue.name, rank_by_place(found))


def _add_metrics(app: APIRouter, require: _MakeAdmission) -> None:
    @app.get(
        "/metrics",
        dependencies=[Depends(require(Scope.METRICS))],
        response_class=Response,
        responses=describe_responses(*_ALWAYS)
        | {
            200: {"description": "For Prometheus.", "content": {CONTENT_TYPE: {"schema": {"type": "string"}}}}
        },
        tags=["metrics"],
    )
    def read_metrics(request: Request) -> Response:
        """Return the current figures in Prometheus' text format."""
        body = format_metrics(_read_latest(request), request.state.parts.list_publishers())
        return Response(body, headers={"content-type": CONTENT_TYPE})


def describe_api(app: FastAPI) -> dict[str, object]:
    """Return the OpenAPI description, with our problems in place of the framework's."""
    described = app.openapi()
    schemas = described["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return described


def _read_latest(request: Request) -> HallSnapshot:
    snapshot = _find_latest(request.state.parts)
    if snapshot is None:
        raise NotReadyError(
            "Live data is not available at the moment.", "Try again; see the server's log for the reason."
        )
    return snapshot


def _find_latest(parts: RestParts) -> HallSnapshot | None:
    """Return the snapshot of this moment; None if there is none."""
    _, snapshot = parts.latest.read()
    is_old = snapshot is not None and parts.clock.now_utc_s() - snapshot.at_utc_s > parts.max_age_s
    return None if is_old else snapshot


def _to_seconds(time: datetime, name: str) -> float:
    if time.tzinfo is None:
        raise ExpoFlowError("'{name}' has no time zone.", "Use the form 2026-11-25T09:00:00Z.", name=name)
    try:
        return time.timestamp()
    except (OverflowError, ValueError) as error:
        raise ExpoFlowError(
            "'{name}' is outside the range of valid times.", "Use the form 2026-11-25T09:00:00Z.", name=name
        ) from error


class RestServer:
    """A publisher that answers REST requests; it listens at once, with data from the first snapshot on."""

    name = "REST"

    def __init__(
        self,
        folder: Path,
        settings: RestSettings,
        *,
        clock: Clock | None = None,
        halls: dict[str, RestParts] | None = None,
    ) -> None:
        """Bind the port and start the server.

        Args:
            halls: of a site, if it is one's; see `RestParts`.

        Raises:
            VenueError: the address is not available, or the certificate cannot be used.
        """
        self._latest = LatestSnapshot()
        self._parts = RestParts(folder, settings, self._latest, clock or SystemClock(), halls=halls)
        self.app = make_rest_app(self._parts)
        certificate, key = (
            str(folder / name) if name else None for name in (settings.tls_certificate, settings.tls_key)
        )
        _check_certificate(certificate, key)
        self._server = WebServer(self.app, settings, name=self.name, certificate=certificate, key=key)

    @property
    def requests(self) -> RequestCounts:
        """Counts of the requests so far."""
        check: TokenCheck = self.app.state.token_check
        return check.counts

    def include_publishers(self, list_publishers: Callable[[], Sequence[PublisherState]]) -> None:
        """Include the publishers' states in the metrics."""
        self._parts.list_publishers = list_publishers

    def publish(self, snapshot: HallSnapshot) -> None:
        """Serve this snapshot from now on.

        Raises:
            VenueError: the server has ended.
        """
        self._server.check_running()
        self._latest.replace(snapshot)

    def close(self) -> None:
        """Let open requests finish for a moment, and stop."""
        self._server.close()


def open_rest(folder: Path) -> RestServer | None:
    """Return the server of a venue; None if it is not enabled.

    Raises:
        VenueError: the settings are invalid, or the address is not available.
    """
    settings = read_rest(folder)
    return RestServer(folder, settings) if settings.is_enabled else None


def _check_certificate(certificate: str | None, key: str | None) -> None:
    if certificate is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            certificate, key, password=lambda: b""
        )
    except (OSError, ValueError) as error:
        raise VenueError(
            "The certificate {file} and its key cannot be used: {cause}.",
            "Choose a certificate and its private key as PEM files without a password.",
            file=certificate,
            cause=getattr(error, "reason", None) or str(error),
        ) from error
