"""The access token: fetched on first use, renewed before it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

MARGIN = 60.0
"""A token is renewed this many seconds before it ends, or after nine tenths of a short life."""


class Tokens:
    """Keeps one token, and fetches another when it is missing, ending or refused. Safe to share between threads."""

    def __init__(self, fetch: Callable[[], tuple[str, float]], clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._token: str | None = None
        self._until = 0.0

    def get(self) -> str:
        """A token that is good for now."""
        with self._lock:
            if self._token is None or self._clock() >= self._until:
                token, lifetime = self._fetch()
                self._until = self._clock() + max(lifetime - MARGIN, lifetime * 0.9 if lifetime < MARGIN * 10 else 0.0)
                self._token = token
            return self._token

    def refuse(self, token: str) -> None:
        """Forgets a token that the API refused, unless another thread renewed it already."""
        with self._lock:
            if self._token == token:
                self._token = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"
