"""Passwords are sealed for one machine and one camera, and opened by nobody else."""

from __future__ import annotations

import pytest

from analytics.domain.errors import CredentialError
from app.site.sealed_passwords import make_key_pair, seal, unseal

SECRET = b"the camera's own words"


def test_only_the_machine_that_it_was_sealed_for_opens_a_password() -> None:
    (north, shown), (south, _) = make_key_pair(), make_key_pair()
    sealed = seal(SECRET, public_key=shown, about="camera 1")

    assert SECRET not in sealed
    assert seal(SECRET, public_key=shown, about="camera 1") != sealed
    assert unseal(sealed, private_key=north, about="camera 1") == SECRET
    changed = bytes([*sealed[:-1], sealed[-1] ^ 1])
    for wrong, key, about in (
        (sealed, south, "camera 1"),
        (sealed, north, "camera 2"),
        (changed, north, "camera 1"),
        (b"short", north, "camera 1"),
    ):
        with pytest.raises(CredentialError, match="cannot be opened"):
            unseal(wrong, private_key=key, about=about)
