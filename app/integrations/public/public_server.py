"""Web server for everybody: the page for visitors and the signs at doors, without tokens."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from analytics.domain.clock import Clock, SystemClock
from app.core.file_format import read_venue
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.public.public_pages import HALL, PublicPages, WebDocument, make_document
from app.integrations.public.public_settings import PublicSettings, read_public
from app.integrations.public.usual_day import UsualDays
from app.integrations.web_server import SecurityHeaders, WebServer, choose_language, load_catalogue
from resources.files import resource_path
from resources.translations import LANGUAGES

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
STYLE_MAX_AGE_S = 3600


def make_public_app(pages: PublicPages) -> Starlette:
    """Return the ASGI application of the public pages; everything else is not found."""
    style = make_document(resource_path("web", "style.css").read_bytes(), "text/css; charset=utf-8")

    async def show_now(request: Request) -> Response:
        return answer(request, pages.render(None, find_language(request)))

    async def show_sign(request: Request) -> Response:
        name = request.path_params.get("name", HALL)
        if name not in pages.places:
            raise HTTPException(404)
        return answer(request, pages.render(name, find_language(request)))

    async def show_style(request: Request) -> Response:
        return answer(request, style, caching=f"public, max-age={STYLE_MAX_AGE_S}")

    return Starlette(
        routes=[
            Route("/now", show_now),
            Route("/sign", show_sign),
            Route("/sign/{name:path}", show_sign),
            Route("/style.css", show_style),
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
    text = catalogue.gettext("This page does not exist.") if error.status_code == 404 else error.detail
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
        self._pages = PublicPages(
            settings,
            venue=exhibition.name,
            time_zone=exhibition.time_zone,
            clock=clock,
            list_hours=lambda: self._usual.hours,
        )
        self._usual = UsualDays(folder, names, clock)
        try:
            self._server = WebServer(make_public_app(self._pages), settings, name=self.name)
        except BaseException:
            self._usual.close()
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
        self._usual.close()
        self._server.close()


def open_public(folder: Path) -> PublicServer | None:
    """Return the server of the public pages; None if it is not enabled.

    Raises:
        VenueError: the settings are invalid, or the address is not available.
    """
    settings = read_public(folder)
    return PublicServer(folder, settings) if settings.is_enabled else None
