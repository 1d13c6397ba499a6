from __future__ import annotations

import pytest

from vision.sources.onvif.soap import (
    UnreadableResponse,
    build_envelope,
    build_username_token,
    clean_text,
    parse_message,
    read_text,
    read_whole_number,
)


def test_the_token_is_that_of_the_standard_and_holds_no_password() -> None:
    """The example of the ONVIF Application Programmer's Guide, section 6.1.1.3."""
    import base64

    token = build_username_token(
        "user",
        "userpassword",
        created_utc_s=1284614091.0,
        nonce=base64.b64decode("LKqI6G/AikKCQrN0zqZFlg=="),
    )
    assert "<u:Created>2010-09-16T05:14:51Z</u:Created>" in token
    assert "userpassword" not in token
    root = parse_message(build_envelope("", header=token))
    assert read_text(root, "Header/Security/UsernameToken/Nonce") == "LKqI6G/AikKCQrN0zqZFlg=="


def test_names_of_users_are_escaped() -> None:
    header = build_username_token("<a>&", "p", created_utc_s=0.0, nonce=b"n")
    root = parse_message(build_envelope("", header=header))
    assert root.findtext("Header/Security/UsernameToken/Username") == "<a>&"


def test_texts_of_strangers_are_one_short_printable_line() -> None:
    assert clean_text(" a\x1b[31m\n\tb\u202e ") == "a [31m b"
    assert len(clean_text("x" * 5000)) == 200


@pytest.mark.parametrize(
    ("text", "number"),
    [("25", 25), (" 24.97 ", 25), ("-1", None), ("1e999", None), ("nan", None), ("", None)],
)
def test_numbers_are_whole_or_absent(text: str, number: int | None) -> None:
    root = parse_message(f"<a><b>{text}</b></a>".encode())
    assert read_whole_number(root, "b") == number


@pytest.mark.parametrize("content", [b"", b"<a>", b"<!DOCTYPE a><a/>", b"<a b='1' b='2'/>", b"\x00"])
def test_what_is_not_plain_xml_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableResponse):
        parse_message(content)
