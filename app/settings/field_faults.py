"""Faults of a settings or venue file, described by field, never showing a secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import reduce

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from analytics.domain.errors import Phrase
from vision.sources.redaction import redact_url

MAX_SHOWN_FAULTS = 3
"""Maximum number of faults shown; later ones often follow from the first."""

SECRET_FIELDS = frozenset({"password", "passwd", "pass", "pwd", "secret", "token", "credentials"})


def describe_faults(
    error: ValidationError,
    raw: Mapping[str, object],
    *,
    model: type[BaseModel] | None = None,
    singulars: Mapping[str, str] | None = None,
    inside: str = "",
) -> Phrase:
    """Describe the first faults, like ``camera 2 'north' > analysed_fps: must be above 0 (it is -1)``.

    Args:
        raw: what was validated, to find the names of list entries in.
        model: the model of the whole file, to find the field that a misspelt one was meant to be.
        singulars: how an entry of a list field is called.
        inside: the field of ``raw`` that was validated; empty for the whole.
    """
    faults = error.errors(include_url=False)
    described = [
        Phrase(
            "{place}: {fault}",
            {
                "place": _describe_place(
                    (inside, *fault["loc"]) if inside else fault["loc"], raw, singulars or {}
                ),
                "fault": _describe_fault(fault, model),
            },
        )
        for fault in faults[:MAX_SHOWN_FAULTS]
    ]
    left_out = len(faults) - len(described)
    if left_out > 0:
        described.append(Phrase("and {count} more", {"count": left_out}))
    return reduce(lambda message, more: Phrase("{said}; {more}", {"said": message, "more": more}), described)


def _describe_place(
    location: Sequence[str | int], raw: Mapping[str, object], singulars: Mapping[str, str]
) -> Phrase:
    parts: list[str | Phrase] = []
    value: object = raw
    key = ""
    for step in location:
        value = _step_into(value, step)
        if isinstance(step, str):
            key = step
            parts.append(step)
            continue
        if parts and parts[-1] == key:
            parts[-1] = _name_entry(Phrase(singulars.get(key, key)), step + 1, value)
        else:
            parts.append(Phrase("number {number}", {"number": step + 1}))
    if not parts:
        return Phrase("the file")
    whole = Phrase("{first}", {"first": parts[0]})
    for part in parts[1:]:
        whole = Phrase("{outer} > {inner}", {"outer": whole, "inner": part})
    return whole


def _name_entry(entry: Phrase, number: int, value: object) -> Phrase:
    name = value.get("name") if isinstance(value, Mapping) else None
    if isinstance(name, str):
        fields = {"entry": entry, "number": number, "name": redact_url(name)}
        return Phrase("{entry} {number} '{name}'", fields)
    return Phrase("{entry} {number}", {"entry": entry, "number": number})


def _step_into(value: object, step: str | int) -> object:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, Sequence) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _describe_fault(fault: ErrorDetails, model: type[BaseModel] | None) -> Phrase:
    if fault["type"] == "extra_forbidden":
        return _describe_unknown_field(fault, model)
    if fault["type"] not in FAULT_TEXTS:
        message = redact_url(fault["msg"])
        return Phrase("{said}", {"said": message[:1].lower() + message[1:]})
    value = fault["input"]
    is_number = isinstance(value, int | float)
    return Phrase(
        FAULT_TEXTS[fault["type"]],
        {
            **fault.get("ctx", {}),
            "number": Phrase(" (it is {value:g})", {"value": value}) if is_number else "",
            "text": Phrase("'{name}'", {"name": redact_url(value)})
            if isinstance(value, str)
            else Phrase("this"),
        },
    )


FAULT_TEXTS = {
    "missing": "is missing",
    "greater_than": "must be above {gt:g}{number}",
    "greater_than_equal": "must be at least {ge:g}{number}",
    "less_than_equal": "must be at most {le:g}{number}",
    "finite_number": "must be a finite number",
    "enum": "{text} is not one of {expected}",
    "literal_error": "{text} is not one of {expected}",
    "too_short": "needs at least {min_length} values (it has {actual_length})",
    "too_long": "takes at most {max_length} values (it has {actual_length})",
    "string_too_short": "must not be empty",
    "string_too_long": "must be at most {max_length} characters long",
    "string_pattern_mismatch": "must be text without line breaks and without leading or trailing spaces",
    "string_type": "must be text in quotation marks",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be a list in [ ]",
    "model_type": "must be a section",
    "model_attributes_type": "must be a section",
    "date_type": "must be a date such as 2026-11-25, without quotation marks",
    "time_type": "must be a time such as 09:00:00, without quotation marks",
    "datetime_type": "must be a time such as 2026-11-25T09:00:00Z, without quotation marks",
    "timezone_aware": "must include its time zone, such as 2026-11-25T09:00:00Z",
    "year": "must be in the years 1970 to 2200",
    "file_name": "must be the name of a file in the venue's folder",
    "secret": (
        "the address contains a user name or password; put the user name into 'user', delete "
        "the password here and enter it in ExpoFlow, which stores it in the system's keyring"
    ),
    "pairs": "a calibration needs at least four point pairs (it has {count}); add more, or remove all",
    "lens": "a lens needs a frame size; add 'frame_size', or delete 'lens'",
    "privacy_mask": "a privacy mask needs the frame size that it was drawn for; add 'frame_size'",
    "colour": "must be a colour such as #2563eb",
    "crop": "must be left, top, right and bottom in pixels, left before right and top before bottom",
    "duplicate": "{count} {what} have the name '{name}'; names must be unique",
}
"""Descriptions by kind of fault: pydantic's, then ours."""


def _describe_unknown_field(fault: ErrorDetails, model: type[BaseModel] | None) -> Phrase:
    name = str(fault["loc"][-1])
    if name.lower() in SECRET_FIELDS:
        return Phrase(
            "passwords are never kept in this file; delete the password here, change it in the "
            "camera if others could read the file, and enter it in ExpoFlow, which stores it in "
            "the system's keyring"
        )
    close = get_close_matches(name, _find_field_names(model), n=1) if model is not None else []
    if not close:
        return Phrase("is not a field of this section")
    return Phrase("is not a field of this section; did you mean '{field}'?", {"field": close[0]})


def _find_field_names(model: type[BaseModel]) -> list[str]:
    names: list[str] = []
    pending, seen = [model], {model}
    while pending:
        fields = pending.pop().model_fields
        names += fields
        for nested in (n for field in fields.values() for n in _find_models(field.annotation)):
            if nested not in seen:
                seen.add(nested)
                pending.append(nested)
    return names


def _find_models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for argument in getattr(annotation, "__args__", ()) for m in _find_models(argument)]
