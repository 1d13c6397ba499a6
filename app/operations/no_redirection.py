"""Nobody is spoken to but whom somebody has named."""

from __future__ import annotations

import urllib.request
from typing import Any


class NoRedirection(urllib.request.HTTPRedirectHandler):
    """An answer that sends elsewhere is an error.

    Python would go there, after a post with a GET that has no body, and call that a success.
    """

    def redirect_request(self, *_of_urllib: Any) -> None:
        """Follow nothing."""
