"""The settings of this machine, for all venues."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from resources.translations import LANGUAGES

CURRENT_FORMAT = 1
MAX_RECENT_VENUES = 8
MAX_CONNECT_S = 40
SYSTEM_LANGUAGE = "system"


def _check_language(code: str) -> str:
    if code in (SYSTEM_LANGUAGE, *LANGUAGES):
        return code
    raise PydanticCustomError(
        "literal_error",
        "unknown language",
        {"expected": " or ".join(f"'{one}'" for one in (SYSTEM_LANGUAGE, *LANGUAGES))},
    )


class Settings(BaseModel):
    """The settings and their defaults; none of them is a secret.

    Attributes:
        language: of the window and the reports; ``system`` is that of the operating system.
        theme: of the window; ``system`` is that of the operating system.
        units: in which the window shows lengths; everything is kept in metres.
        experts_view: whether the window shows the statistics that most users do without.
        recent_venues: folders, the latest first.
        device: processor for the networks unless a venue overrides it; ``auto`` for the best available.
        models_folder: folder of the weights; None for ExpoFlow's own folder.
        allow_downloads: whether weights may be downloaded from the internet on request.
        connect_timeout_s: how long a network camera may take to answer; shorter than the time after which the
            pipeline takes its reader for stuck.
        log_level: level of the log file.
        log_format: ``json`` for one object per line, for log collectors; from the next start.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )

    language: Annotated[str, AfterValidator(_check_language)] = "system"
    theme: Literal["system", "light", "dark"] = "system"
    units: Literal["metric", "imperial"] = "metric"
    experts_view: bool = False
    recent_venues: Annotated[
        tuple[Annotated[Path, Field(strict=False)], ...], Field(strict=False, max_length=MAX_RECENT_VENUES)
    ] = ()
    device: Annotated[str, Field(min_length=1, max_length=100)] = "auto"
    models_folder: Annotated[Path, Field(strict=False)] | None = None
    allow_downloads: bool = True
    connect_timeout_s: Annotated[float, Field(ge=1, le=MAX_CONNECT_S)] = 5.0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
