"""A real `amtia serve`, started by `cargo xtask test sdks`, which names it in the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from amtia import Client


def key(role: str) -> tuple[str, str]:
    """The API key of a role, and its secret."""
    return os.environ[f"AMTIA_TEST_{role}_KEY"], os.environ[f"AMTIA_TEST_{role}_SECRET"]


def connect(role: str, **options: object) -> Client:
    """A client with the key of a role."""
    api_key, secret = key(role)
    return Client(api_key=api_key, secret=secret, **options)  # type: ignore[arg-type]


@pytest.fixture
def viewer() -> Iterator[Client]:
    with connect("VIEWER") as client:
        yield client


@pytest.fixture
def analyst() -> Iterator[Client]:
    with connect("ANALYST") as client:
        yield client


@pytest.fixture
def admin() -> Iterator[Client]:
    with connect("ADMIN") as client:
        yield client
