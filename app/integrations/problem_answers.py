"""Errors as answers for programs and people (RFC 9457), in the language that the request asks for."""

from __future__ import annotations

import logging
import math
from functools import cache
from gettext import NullTranslations
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from analytics.domain.errors import AccessError, ExpoFlowError, StoreError, VenueError
from app.error_reporting import describe_error
from app.integrations.rest_models import Problem
from app.integrations.token_check import NoTokenError, TooManyRequestsError
from resources.translations import LANGUAGES, load_translations

MEDIA_TYPE = "application/problem+json"

_LOG = logging.getLogger(__name__)


class NotReadyError(ExpoFlowError):
    """There is no answer yet, or not at this moment."""


class UnknownNameError(ExpoFlowError):
    """There is nothing of this name."""


def describe_responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, object]]:
    """Problems that a path may answer, for its documentation."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        int(status): {"description": status.phrase, "content": {MEDIA_TYPE: schema}} for status in statuses
    }


def install_problems(app: FastAPI) -> None:
    """Let every error of an application be answered as a problem."""
    app.add_exception_handler(ExpoFlowError, _answer_error)
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(Exception, _answer_unexpected)


def make_problem(
    request: Request, error: ExpoFlowError, status: HTTPStatus, headers: dict[str, str] | None = None
) -> Response:
    """One error as an answer."""
    catalogue = _load_catalogue(_choose_language(request.headers.get("accept-language", "")))
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
                # its words name folders of this machine, which are nobody else's business
                error = NotReadyError(
                    "The venue cannot be read at this moment.", "Look into the log of the server."
                )
            return make_problem(request, error, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "5"})
        case _:
            return make_problem(request, error, HTTPStatus.UNPROCESSABLE_ENTITY)


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    words = {
        HTTPStatus.NOT_FOUND: ExpoFlowError(
            "There is nothing at this address.", "What there is, is described by /openapi.json."
        ),
        HTTPStatus.METHOD_NOT_ALLOWED: ExpoFlowError("Nothing can be changed from outside.", "Ask with GET."),
    }
    told = words.get(status) or ExpoFlowError(
        "The request cannot be answered ({status}).", "Look at /openapi.json.", status=status.phrase
    )
    return make_problem(request, told, status, dict(error.headers or {}))


async def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    names = sorted({str(fault["loc"][-1]) for fault in error.errors()})
    told = ExpoFlowError(
        "The request has a value that cannot be used: {names}.",
        "Write times like 2026-11-25T09:00:00Z, and see /openapi.json.",
        names=", ".join(names),
    )
    return make_problem(request, told, HTTPStatus.UNPROCESSABLE_ENTITY)


async def _answer_unexpected(request: Request, error: Exception) -> Response:  # noqa: ARG001
    # the server logs what it was
    told = ExpoFlowError("Something unexpected happened.", "Look into the log of the server.")
    return make_problem(request, told, HTTPStatus.INTERNAL_SERVER_ERROR)


def _choose_language(accepted: str) -> str:
    """The first language that is asked for and known; programs rarely ask for any."""
    for part in accepted.split(","):
        tag = part.split(";")[0].strip().lower()
        for language in LANGUAGES:
            if tag and tag.split("-")[0] == language.split("_", maxsplit=1)[0].lower():
                return language
    return LANGUAGES[0]


@cache
def _load_catalogue(language: str) -> NullTranslations:
    return load_translations(language)
