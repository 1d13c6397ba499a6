"""Web server for everybody: the page for visitors, the signs at doors and open data, without tokens."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import Phrase
from app.core.file_format import read_venue
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.idle_timeout import name_client
from app.integrations.public.open_data import DATA_FILES, OpenData, compute_open_data
from app.integrations.public.public_pages import HALL, PublicPages, WebDocument, make_document
from app.integrations.public.public_settings import PublicSettings, read_public
from app.integrations.public.usual_day import DailyComputation, UsualHour, compute_usual_day
from app.integrations.rest.token_check import RequestLimit, TooManyRequestsError
from app.integrations.web_server import SecurityHeaders, WebServer, choose_language, load_catalogue
from resources.files import resource_path
from resources.translations import LANGUAGES

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
STYLE_MAX_AGE_S = 3600
DATA_MAX_AGE_S = 900
DATA_REQUESTS_PER_MIN = 60
"""Rate limit of the data for each client."""
_PROBLEMS = {
    404: Phrase("This page does not exist."),
    429: Phrase("Too many requests; try again in a minute."),
    503: Phrase("There is no data yet; try again in a minute."),
}


def make_public_app(
    pages: PublicPages,
    *,
    settings: PublicSettings,
    venue: str,
    clock: Clock,
    find_data: Callable[[], OpenData | None] = lambda: None,
) -> Starlette:
    """Return the ASGI application of the public pages and data; everything else is not found.

    Args:
        venue: name of the exhibition, for the description of the data.
        find_data: returns the published data; None while there are none.
    """
    style = make_document(resource_path("web", "style.css").read_bytes(), "text/css; charset=utf-8")
    limit = RequestLimit(DATA_REQUESTS_PER_MIN, clock)

    async def show_now(request: Request) -> Response:
        return answer(request, pages.render(None, find_language(request)))

    async def show_sign(request: Request) -> Response:
        name = request.path_params.get("name", HALL)
        if name not in pages.places:
            raise HTTPException(404)
        return answer(request, pages.render(name, find_language(request)))

    async def show_style(request: Request) -> Response:
        return answer(request, style, caching=f"public, max-age={STYLE_MAX_AGE_S}")

    async def show_data(request: Request) -> Response:
        file = request.path_params["file"]
        if not settings.has_data or file not in DATA_FILES:
            raise HTTPException(404)
        try:
            limit.count(name_client(request.client.host if request.client else ""))
        except TooManyRequestsError as error:
            wait_s = str(max(1, math.ceil(error.after_s)))
            raise HTTPException(429, headers={"retry-after": wait_s}) from error
        data = find_data()
        if data is None:
            raise HTTPException(503, headers={"retry-after": "60"})
        document = data.make_file(file, settings, venue)
        found = answer(request, document, caching=f"public, max-age={DATA_MAX_AGE_S}")
        found.headers["access-control-allow-origin"] = "*"
        return found

    return Starlette(
        routes=[
            Route("/now", show_now),
            Route("/sign", show_sign),
            Route("/sign/{name:path}", show_sign),
            Route("/style.css", show_style),
            Route("/data/{file}", show_data),
        ],
        middleware=[Middleware(SecurityHeaders, is_tls=False, policy=POLICY)],
        exception_handlers={HTTPException: _answer_http_error},
    )


def find_language(request: Request) -> str:
    """Return the language of an answer: that of the address, or the browser's."""
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else choose_language(request.headers.get("accept-language", ""))


def answer(request: Request, document: WebDocument, *, caching: str = "no-cache") -> Response:
    """Return a document as the client takes it: compressed, or not at all if it has it already."""
    headers = {"etag": document.tag, "cache-control": caching, "vary": "Accept-Encoding, Accept-Language"}
    known = request.headers.get("if-none-match", "")
    if document.tag in known or known.strip() == "*":
        return Response(status_code=304, headers=headers)
    body = document.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = document.compressed, "gzip"
    return Response(body, headers=headers | {"content-type": document.media_type})


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    catalogue = load_catalogue(find_language(request))
    text = error.detail
    if error.status_code in _PROBLEMS:
        text = catalogue.gettext(str(_PROBLEMS[error.status_code]))
    return PlainTextResponse(text, error.status_code, headers=error.headers)


class PublicServer:
    """A publisher of the public pages; it listens at once, with data from the first snapshot on."""

    name = "Public pages"

    def __init__(self, folder: Path, settings: PublicSettings, *, clock: Clock | None = None) -> None:
        """Bind the port and start the server.

        Raises:
            VenueError: the venue cannot be read, or the address is not available.
        """
        exhibition, clock = read_venue(folder).exhibition, clock or SystemClock()
        names = (HALL, *settings.zones)
        self._usual = DailyComputation[Mapping[str, tuple[UsualHour, ...]]](
            folder,
            lambda venue, now_utc_s: compute_usual_day(venue, names, now_utc_s=now_utc_s, clock=clock),
            initial={},
            clock=clock,
        )
        self._data = DailyComputation[OpenData | None](
            folder,
            lambda venue, now_utc_s: compute_open_data(venue, settings, now_utc_s=now_utc_s),
            initial=None,
            clock=clock,
        )
        self._pages = PublicPages(
            settings,
            venue=exhibition.name,
            time_zone=exhibition.time_zone,
            clock=clock,
            list_hours=lambda: self._usual.result,
        )
        app = make_public_app(
            self._pages,
            settings=settings,
            venue=exhibition.name,
            clock=clock,
            find_data=lambda: self._data.result,
        )
        try:
            self._server = WebServer(app, settings, name=self.name)
        except BaseException:
            self._stop_computing()
            raise

    def publish(self, snapshot: HallSnapshot) -> None:
        """Show this snapshot from now on.

        Raises:
            VenueError: the server has ended.
        """
        self._server.check_running()
        self._pages.take(snapshot)

    def close(self) -> None:
        """Let open requests finish for a moment, and stop."""
        self._stop_computing()
        self._server.close()

    def _stop_computing(self) -> None:
        self._usual.close()
        self._data.close()


def open_public(folder: Path) -> PublicServer | None:
    """Return the server of the public pages; None if it is not enabled.

    Raises:
        VenueError: the settings are invalid, or the address is not available.
    """
    settings = read_public(folder)
    return PublicServer(folder, settings) if settings.is_enabled else None
