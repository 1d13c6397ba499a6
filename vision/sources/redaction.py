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


def redact_url(text: str) -> str:
    """The text with every URL's user and password, and every field such as ``password=``, masked."""
    without_user = _USER_INFO.sub(lambda match: f"{match['scheme']}{_MASK}@", text)
    return _SECRET_FIELD.sub(lambda match: f"{match['name']}{_MASK}", without_user)
