"""Files of strangers: valid ones that somebody damaged or made to do harm, drawn by hypothesis."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

_NASTY = (
    b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"-1", b"0", b"1e309", b"-1e309", b"nan", b"inf", b"9" * 400,
    b"2147483648", b"18446744073709551616", b"../../etc/passwd", b"..\\..\\x", b"/dev/zero", b"%s%n", b"{x}",
    b"{0.__class__}", b"=1+1", b"<!ENTITY a 'b'>", b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'>", b"[" * 3000,
    b"{" * 3000, b"\"", b"'", b"\r\n", b",", b";", b"null", b"true", b"\xe2\x80\xae", "\U0001f600".encode(),
    b"0001-01-01", b"9999-12-31T23:59:59", b"1970-01-01T00:00:00Z", b"FREQ=SECONDLY", b"INTERVAL=0",
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds with a few changes: bytes flipped, parts cut, doubled, moved or replaced."""
    content = bytearray(draw(st.sampled_from(list(seeds))))
    for _ in range(draw(st.integers(0, 6))):
        where = draw(st.integers(0, max(0, len(content))))
        length = draw(st.sampled_from((1, 2, 4, 8, 32, 200, 5000)))
        match draw(st.integers(0, 5)):
            case 0 if content:
                at = min(where, len(content) - 1)
                content[at] ^= 1 << draw(st.integers(0, 7))
            case 1:
                del content[where : where + length]
            case 2:
                part = content[where : where + length]
                content[where:where] = part * draw(st.sampled_from((1, 2, 50)))
            case 3:
                content[where : where + draw(st.sampled_from((0, 1, 4, 12)))] = draw(st.sampled_from(_NASTY))
            case 4:
                content[where:where] = draw(st.binary(max_size=40))
            case _:
                del content[where:]
    return bytes(content)
