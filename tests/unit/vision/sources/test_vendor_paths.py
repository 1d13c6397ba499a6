from __future__ import annotations

import pytest

from vision.sources.frame_source import SourceKind
from vision.sources.source_address import parse_source
from vision.sources.vendor_paths import TEMPLATES, VendorTemplate, build_stream_url


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.vendor)
def test_every_template_makes_an_address_that_can_be_opened(template: VendorTemplate) -> None:
    for is_sub in (False, True):
        if is_sub and template.sub_path is None:
            with pytest.raises(ValueError, match="no sub-stream"):
                build_stream_url(template, "192.0.2.1", is_sub=True)
            continue
        url = build_stream_url(template, "192.0.2.1", is_sub=is_sub)
        address = parse_source(url)
        assert (address.kind, address.user, address.location) == (SourceKind.RTSP, None, url)
        assert "{" not in url


def find(vendor: str) -> VendorTemplate:
    (template,) = (template for template in TEMPLATES if template.vendor.startswith(vendor))
    return template


@pytest.mark.parametrize(
    ("vendor", "channel", "main", "sub"),
    [
        ("Hikvision", None, "/Streaming/Channels/101", "/Streaming/Channels/102"),
        ("Hikvision", 12, "/Streaming/Channels/1201", "/Streaming/Channels/1202"),
        (
            "Dahua",
            2,
            "/cam/realmonitor?channel=2&subtype=0",
            "/cam/realmonitor?channel=2&subtype=1",
        ),
        ("Reolink", 3, "/h264Preview_03_main", "/h264Preview_03_sub"),
        ("TP-Link", None, "/stream1", "/stream2"),
        ("Axis", None, "/axis-media/media.amp", "/axis-media/media.amp?resolution=640x360"),
    ],
)
def test_the_streams_of_a_make_have_their_paths(
    vendor: str, channel: int | None, main: str, sub: str
) -> None:
    template, root = find(vendor), "rtsp://cam.local:8554"
    assert build_stream_url(template, "cam.local", is_sub=False, channel=channel, port=8554) == root + main
    assert build_stream_url(template, "cam.local", is_sub=True, channel=channel, port=8554) == root + sub


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    for host in ("2001:db8::1", "[2001:db8::1]"):
        assert build_stream_url(find("Foscam"), host, is_sub=False) == "rtsp://[2001:db8::1]:554/videoMain"


@pytest.mark.parametrize(
    ("host", "port", "channel"),
    [
        ("", 554, None),
        ("a/b", 554, None),
        ("u@h", 554, None),
        ("h", 0, None),
        ("h", 70000, None),
        ("h", 554, 0),
    ],
)
def test_what_cannot_be_an_address_is_refused(host: str, port: int, channel: int | None) -> None:
    template = find("Dahua")
    with pytest.raises(ValueError, match=r"needed|first channel"):
        build_stream_url(template, host, is_sub=False, port=port, channel=channel)
