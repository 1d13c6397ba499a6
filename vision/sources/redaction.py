"""Taking passwords out of text before anybody sees it."""

from __future__ import annotations

import re

_MASK = "***"
# Up to the last @, not only up to the first slash: a password may be typed with a slash in it.
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
    """The same for text that anybody wrote, such as an error of a library: also tokens and named secrets."""
    text = _HEADER.sub(lambda match: f"{match['name']}{_MASK}", redact_url(text))
    return _NAMED.sub(lambda match: f"{match['name']}{_MASK}", text)


def redact_url(text: str) -> str:
    """The text with every URL's user and password, and every field such as ``password=``, masked."""
    without_user = _USER_INFO.sub(lambda match: f"{match['scheme']}{_MASK}@", text)
    return _SECRET_FIELD.sub(lambda match: f"{match['name']}{_MASK}", without_user)
