"""Removal of passwords from texts before they are shown or logged."""

from __future__ import annotations

import re

_MASK = "***"
# up to the last @, not only to the first slash: a literal password may contain a slash
_USER_INFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^\s'\"]*@", re.IGNORECASE)
_SECRET_FIELD = re.compile(
    r"(?P<name>(?:password|passwd|pwd|pass|psw|token|secret|api_?key|auth)=)(?P<value>[^&;/\s'\"]+)",
    re.IGNORECASE,
)

_HEADER = re.compile(r"(?i)\b(?P<name>authorization['\"]?\s*[:=]\s*['\"]?(?:\w+\s+)?|bearer\s+)[^\s'\",}]+")
_NAMED = re.compile(
    r"(?i)(?P<name>(?:password|passwd|passphrase|secret|token|api_?key|\bpin)['\"]?\s*[:=]\s*)"
    r"(?P<quote>['\"]?)[^\s'\",}]+(?P=quote)"
)


def redact_text(text: str) -> str:
    """Return arbitrary text redacted as by `redact_url`, tokens and named secrets included."""
    text = _HEADER.sub(lambda match: f"{match['name']}{_MASK}", redact_url(text))
    return _NAMED.sub(lambda match: f"{match['name']}{_MASK}", text)


def redact_url(text: str) -> str:
    """Return the text with users and passwords of URLs, and fields such as ``password=``, masked."""
    without_user = _USER_INFO.sub(lambda match: f"{match['scheme']}{_MASK}@", text)
    return _SECRET_FIELD.sub(lambda match: f"{match['name']}{_MASK}", without_user)
