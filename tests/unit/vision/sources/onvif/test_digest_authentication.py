from __future__ import annotations

import pytest

from vision.sources.onvif.session import answer_challenge, choose_challenge

REALM = 'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, nonce="{}", opaque="{}"'
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_the_standard(algorithm: str, response: str) -> None:
    """RFC 7616, section 3.9.1."""
    challenge = choose_challenge([REALM.format(algorithm, NONCE, OPAQUE)])
    assert challenge is not None
    answer = answer_challenge(
        challenge,
        user="Mufasa",
        password="Circle of Life",
        method="GET",
        path="/dir/index.html",
        cnonce=CNONCE,
    )
    assert f'response="{response}"' in answer
    assert f'opaque="{OPAQUE}"' in answer
    assert "Circle" not in answer


def test_a_server_of_old_is_answered_without_a_quality() -> None:
    """RFC 2069 as corrected: md5(md5(user:realm:password):nonce:md5(method:path))."""
    challenge = choose_challenge(
        ['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"']
    )
    assert challenge is not None
    answer = answer_challenge(
        challenge, user="Mufasa", password="CircleOfLife", method="GET", path="/dir/index.html", cnonce="x"
    )
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in answer
    assert "qop" not in answer


def test_the_strongest_is_chosen_and_basic_never_answered() -> None:
    offered = [
        'Basic realm="x"',
        'Digest realm="x", nonce="1"',
        'Digest realm="x", nonce="2", algorithm=SHA-256',
    ]
    chosen = choose_challenge(offered)
    assert chosen is not None
    assert (chosen.algorithm, chosen.nonce) == ("SHA-256", "2")
    assert choose_challenge(offered[:1]) is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Digest",
        'Digest realm="x"',
        'Digest nonce="1", algorithm=SHA3',
        'Digest nonce="1", qop="auth-int"',
    ],
)
def test_what_we_cannot_answer_is_passed_over(header: str) -> None:
    assert choose_challenge([header]) is None


def test_quotes_in_a_name_do_not_end_it() -> None:
    challenge = choose_challenge(['Digest realm="a \\"b\\"", nonce="1"'])
    assert challenge is not None
    assert challenge.realm == 'a "b"'
    answer = answer_challenge(challenge, user='x", realm="y', password="", method="POST", path="/", cnonce="")
    assert 'username="x\\", realm=\\"y"' in answer
