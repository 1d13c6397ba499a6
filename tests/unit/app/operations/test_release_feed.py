"""A release feed is believed in versions alone, and whatever else it does is told in words."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import pytest

from app.operations.release_feed import LARGEST_BYTES, Release, UpdateError, ask_feed, is_newer, parse_feed
from tests.support.certificates import write_certificate
from tests.support.release_server import serve_releases

PAGE = "https://example.org/releases/1.4"
GITHUB = {"tag_name": "v1.4.0", "html_url": PAGE, "prerelease": False, "draft": False, "assets": [{"x": 1}]}


@pytest.mark.parametrize(
    ("told", "release"),
    [
        (GITHUB, Release("1.4.0", PAGE)),
        ({"version": "1.4", "url": PAGE}, Release("1.4", PAGE)),
        ([{"tag_name": "v1.9"}, GITHUB, {"tag_name": "v1.10"}, {"tag_name": "nightly"}], Release("1.10", "")),
        ([GITHUB, {"tag_name": "v2.0", "prerelease": True}, {"tag_name": "v3.0", "draft": True}],
         Release("1.4.0", PAGE)),
        ({"version": "2.0rc1", "url": PAGE}, None),
        ({"version": "1.4", "url": "http://example.org/"}, Release("1.4", "")),
        ({"version": "1.4", "url": "javascript:alert(1)"}, Release("1.4", "")),
        ({"version": "1.4", "url": "https://example.org/a b\n"}, Release("1.4", "")),
        ({"version": "1.4", "url": 3}, Release("1.4", "")),
    ],
)  # fmt: skip
def test_the_newest_release_is_taken_and_what_is_no_release_is_not(
    told: object, release: Release | None
) -> None:
    assert parse_feed(json.dumps(told).encode()) == release


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"3", b"{}", b"[]", b'{"version": "soon"}', b'{"version": 2}', b"[" * 100_000]
)
def test_what_names_no_version_is_refused(content: bytes) -> None:
    with pytest.raises(UpdateError, match="release feed"):
        parse_feed(content)


def test_versions_are_compared_as_versions() -> None:
    assert is_newer("0.10.0", "0.9.1")
    assert not is_newer("0.1.0", "0.1")
    assert not is_newer("0.1.0rc1", "0.1.0")
    assert not is_newer("", "0.1.0")
    assert not is_newer("1.0", "not installed")


def test_it_is_asked_once_without_telling_anything() -> None:
    with serve_releases(json.dumps(GITHUB).encode()) as server:
        assert ask_feed(server.url) == Release("1.4.0", PAGE)
    ((path, headers),) = server.asked
    assert path == "/latest"
    assert set(headers) <= {"Accept", "Accept-Encoding", "Connection", "Host", "User-Agent"}
    assert headers["User-Agent"] == "ExpoFlow"


def test_every_failure_is_told_in_words_and_no_other_server_is_followed_to() -> None:
    with serve_releases(b"x" * (LARGEST_BYTES + 1)) as server:
        with pytest.raises(UpdateError, match="too long"):
            ask_feed(server.url)
        server.content, server.status = b"{}", 302
        with pytest.raises(UpdateError, match=r"127\.0\.0\.1:\d+ has moved"):
            ask_feed(server.url)
        server.status = 503
        with pytest.raises(UpdateError, match="status 503"):
            ask_feed(server.url)
        assert len(server.asked) == 3
        server.is_silent = True
        with pytest.raises(UpdateError, match="did not answer in time"):
            ask_feed(server.url, limit_s=0.1)
    with pytest.raises(UpdateError, match="cannot be reached"):
        ask_feed(server.url)


def test_a_server_that_nobody_vouches_for_is_asked_nothing(tmp_path: Path) -> None:
    file, key = write_certificate(tmp_path, "feed")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file, key)
    with serve_releases(json.dumps(GITHUB).encode(), tls=tls) as server:
        with pytest.raises(UpdateError, match="not to be trusted"):
            ask_feed(server.url)
        assert server.asked == []
        assert ask_feed(server.url, tls=ssl.create_default_context(cafile=str(file))) is not None
