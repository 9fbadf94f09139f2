"""The client."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Self

import httpx

from ._api import Api
from ._resources import Resources

DEFAULT_BASE_URL = "https://api.amtia.net/v1/"


class Client(Resources):
    """The AMTIA API with one API key.

    The address is `base_url`, or the environment variable `AMTIA_BASE_URL`, or `https://api.amtia.net/v1/`. The token is
    fetched on first use and renewed by itself. A client may be shared between threads.
    """

    def __init__(
        self,
        *,
        api_key: str,
        secret: str,
        base_url: str | None = None,
        timeout: float = 30.0,
        max_retries: int = 2,
        max_retry_wait: float = 60.0,
        allow_insecure_http: bool = False,
        http_client: httpx.Client | None = None,
    ) -> None:
        """Nothing is sent yet.

        `timeout` is in seconds, for connecting and for each read and write. A refusal for the rate limit, a lost answer
        or a 502, 503 or 504 is tried again up to `max_retries` times, and never after waiting longer than
        `max_retry_wait` seconds in sum. `http_client` brings your own proxies or certificates.
        """
        if not api_key or not secret:
            raise ValueError("api_key and secret are both needed")
        api = Api(
            api_key=api_key,
            secret=secret,
            base_url=base_url or os.environ.get("AMTIA_BASE_URL") or DEFAULT_BASE_URL,
            timeout=timeout,
            max_retries=max_retries,
            max_retry_wait=max_retry_wait,
            allow_insecure_http=allow_insecure_http,
            http_client=http_client,
        )
        super().__init__(api)
        self._api = api
        self.auth = Auth(api)

    @property
    def base_url(self) -> str:
        """The address of the API."""
        return self._api.base_url

    def close(self) -> None:
        """Closes the connections."""
        self._api.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        # Neither the key nor its secret nor the token: this ends up in logs.
        return f"<amtia.Client {self.base_url}>"


class Auth:
    """Access tokens. The client fetches and renews its own; this is for tools that need one to pass on."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def token(self) -> str:
        """A token that is good for now, at most an hour."""
        return self._api.tokens.get()
