"""Whatever a stranger on the network sends, reading it ends in cameras, an error of ours, or nothing."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.domain.errors import SourceError
from tests.support.servers.onvif_camera import OnvifCamera, describe_match, wrap
from vision.sources.onvif.device import parse_device_address
from vision.sources.onvif.discovery import read_matches
from vision.sources.onvif.session import answer_challenge, choose_challenge
from vision.sources.onvif.soap import UnreadableResponse, clean_text, parse_message

MATCH = wrap(describe_match("http://192.0.2.7/onvif/device_service"))
PROFILES = wrap(OnvifCamera().tell_get_profiles("http://www.onvif.org/ver10/media/wsdl"))


@st.composite
def spoiled(draw: st.DrawFn, message: bytes) -> bytes:
    """The message with a stretch replaced."""
    start = draw(st.integers(0, len(message)))
    end = draw(st.integers(start, min(len(message), start + 40)))
    return message[:start] + draw(st.binary(max_size=40)) + message[end:]


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300) | spoiled(MATCH) | spoiled(PROFILES))
def test_a_datagram_gives_cameras_at_its_sender_or_nothing(content: bytes) -> None:
    for device in read_matches(content, sender="192.0.2.9", interface="192.0.2.1"):
        assert device.host == "192.0.2.9"
        assert all(text == clean_text(text) for text in (device.name, device.hardware, device.place))
        assert device.device_url.isprintable()


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300) | spoiled(PROFILES))
def test_a_message_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(UnreadableResponse):
        parse_message(content)


@given(st.text(max_size=80))
def test_an_address_is_understood_or_refused(text: str) -> None:
    with contextlib.suppress(SourceError):
        url, _login = parse_device_address(text)
        assert url.startswith(("http://", "https://"))


@given(st.text(max_size=120), st.text(max_size=20))
def test_a_challenge_is_answered_on_one_line_or_not_at_all(rest: str, user: str) -> None:
    challenge = choose_challenge([f'Digest nonce="1", {rest}'])
    if challenge is not None:
        answer = answer_challenge(challenge, user="u", password=user, method="POST", path="/", cnonce="c")
        assert answer.startswith("Digest ")
