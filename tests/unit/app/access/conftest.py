"""Each test begins with nobody at work, and hashes passwords cheaply."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from app.access import guard, secrets


@pytest.fixture(autouse=True)
def nobody_at_work() -> Iterator[None]:
    guard.clear_actors()
    guard.set_sign_in_prompt(None)
    yield
    guard.clear_actors()
    guard.set_sign_in_prompt(None)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(secrets, "_hasher", lambda: hasher)
    monkeypatch.setattr(secrets, "_placeholder_hash", lambda: hasher.hash("nobody"))
