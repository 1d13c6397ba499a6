from __future__ import annotations

import pytest

from vision.sources.onvif.media_profiles import MediaProfile, assign_roles


def make(token: str, width: int | None, *, codec: str = "H264", source: str = "") -> MediaProfile:
    size = (width, width * 9 // 16) if width else None
    return MediaProfile(token, token, source, codec, size, None, None, "rtsp://h/x")


@pytest.mark.parametrize(
    ("offered", "main", "sub", "recommended"),
    [
        ([("a", 1920), ("b", 640)], "a", "b", "b"),
        ([("b", 640), ("a", 1920)], "a", "b", "b"),
        ([("a", 1920), ("b", 1280), ("c", 640), ("d", 320)], "a", "c", "c"),
        ([("a", 1920), ("b", 352), ("c", 320)], "a", "b", "a"),
        ([("a", 1920)], "a", None, "a"),
        ([("a", None), ("b", None)], "a", "b", "a"),
        ([("a", 1920), ("b", 1920)], "a", None, "a"),
    ],
)
def test_the_sub_stream_is_the_smallest_that_is_wide_enough(
    offered: list[tuple[str, int | None]], main: str, sub: str | None, recommended: str
) -> None:
    profiles = assign_roles([make(token, width) for token, width in offered])
    assert [p.token for p in profiles] == [token for token, _width in offered]
    assert [p.token for p in profiles if p.role == "main"] == [main]
    assert [p.token for p in profiles if p.role == "sub"] == ([sub] if sub else [])
    assert [p.token for p in profiles if p.is_recommended] == [recommended]


def test_motion_jpeg_is_chosen_only_where_there_is_nothing_else() -> None:
    profiles = assign_roles([make("j", 1920, codec="JPEG"), make("a", 1280), make("b", 640)])
    assert [p.role for p in profiles] == ["other", "main", "sub"]
    alone = assign_roles([make("j", 1920, codec="JPEG")])
    assert (alone[0].role, alone[0].is_recommended) == ("main", True)


def test_every_lens_has_its_own() -> None:
    profiles = assign_roles([make("a", 1920, source="1"), make("b", 1280, source="2")])
    assert [p.role for p in profiles] == ["main", "main"]
