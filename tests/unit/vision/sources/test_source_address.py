from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.domain.errors import SourceError
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.source_address import insert_credentials, parse_source


@pytest.mark.parametrize(
    ("text", "kind", "location", "user", "password"),
    [
        ("rtsp://cam.local/a", SourceKind.RTSP, "rtsp://cam.local/a", None, None),
        ("RTSP://u:p@10.0.0.1:554/a?b=1", SourceKind.RTSP, "rtsp://10.0.0.1:554/a?b=1", "u", "p"),
        ("rtsps://u@cam/a", SourceKind.RTSP, "rtsps://cam/a", "u", None),
        ("rtsp://u:p%40ss%2Fw@cam/a", SourceKind.RTSP, "rtsp://cam/a", "u", "p@ss/w"),
        ("rtsp://u:p@ss@cam/a", SourceKind.RTSP, "rtsp://cam/a", "u", "p@ss"),
        ("rtsp://u:p/s#s?@10.0.0.1/a", SourceKind.RTSP, "rtsp://10.0.0.1/a", "u", "p/s#s?"),
        ("rtsp://u:p@ss/w@10.0.0.1/a", SourceKind.RTSP, "rtsp://10.0.0.1/a", "u", "p@ss/w"),
        ("rtsp://u:p@10.0.0.1/ch@1", SourceKind.RTSP, "rtsp://10.0.0.1/ch@1", "u", "p"),
        ("rtsp://cam.local/a?mail=x@y.org", SourceKind.RTSP, "rtsp://cam.local/a?mail=x@y.org", None, None),
        ("rtsp://u:p@[fe80::1]:554/a", SourceKind.RTSP, "rtsp://[fe80::1]:554/a", "u", "p"),
        ("http://cam/live.m3u8", SourceKind.HTTP, "http://cam/live.m3u8", None, None),
        ("https://u:@cam/mjpeg", SourceKind.HTTP, "https://cam/mjpeg", "u", ""),
        ("/dev/video2", SourceKind.DEVICE, "/dev/video2", None, None),
        ("usb:0", SourceKind.DEVICE, "usb:0", None, None),
        (" USB:Logitech BRIO ", SourceKind.DEVICE, "usb:Logitech BRIO", None, None),
    ],
)
def test_an_address_is_taken_apart(
    text: str, kind: SourceKind, location: str, user: str | None, password: str | None
) -> None:
    address = parse_source(text)
    assert (address.kind, address.location) == (kind, location)
    assert (address.user, address.password) == (user, password)


def test_files_and_folders_of_pictures_are_found(tmp_path: Path) -> None:
    clip = tmp_path / "a clip.mp4"
    clip.write_bytes(b"x")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "1.JPG").write_bytes(b"x")
    assert parse_source(str(clip)) == SourceAddress(SourceKind.VIDEO, str(clip))
    assert parse_source(f'"{clip}"').location == str(clip)
    assert parse_source(clip.as_uri()).location == str(clip)
    assert parse_source(str(pictures)) == SourceAddress(SourceKind.IMAGES, str(pictures))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  ", "No camera address"),
        ("rtmp://host/x", "begin with rtmp://"),
        ("rtsp:///path", "has no host name"),
        ("rtsp://cam:99999/x", "not valid"),
        ("/no/such/file.mp4", "no file or folder"),
    ],
)
def test_what_cannot_be_opened_says_why_and_what_to_write(text: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        parse_source(text)
    assert caught.value.remedy


def test_a_single_picture_and_a_folder_without_pictures_are_explained(tmp_path: Path) -> None:
    picture = tmp_path / "folder" / "a.png"
    picture.parent.mkdir()
    picture.write_bytes(b"x")
    with pytest.raises(SourceError, match="single picture"):
        parse_source(str(picture))
    with pytest.raises(SourceError, match="contains no pictures"):
        parse_source(str(tmp_path))


@pytest.mark.parametrize("text", ["rtsp://u:s3cret@cam:port/x", "rtsp://u:s3cret@", "ftp://u:s3cret@cam/x"])
def test_an_error_about_an_address_does_not_show_its_password(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_source(text)
    assert "s3cret" not in str(caught.value) + repr(caught.value.details)


def test_an_address_never_shows_its_password_and_travels_to_another_process() -> None:
    address = parse_source("rtsp://admin:s3cret@cam/x")
    assert "s3cret" not in repr(address) + str(address)
    assert pickle.loads(pickle.dumps(address)) == address


@given(user=st.text(min_size=1, max_size=12), password=st.text(max_size=16))
def test_whatever_the_password_is_it_comes_back_from_the_url(user: str, password: str) -> None:
    address = SourceAddress(SourceKind.RTSP, "rtsp://cam.local:554/a?b=c", user=user, password=password)
    url = insert_credentials(address)
    again = parse_source(url)
    assert (again.user, again.password, again.location) == (user, password, address.location)


def test_credentials_need_a_url() -> None:
    with pytest.raises(ValueError, match="only a URL"):
        insert_credentials(SourceAddress(SourceKind.DEVICE, "usb:0", user="u"))
