"""Tokens of several API keys in turn, so that their limit of 1,000 requests a minute is not the limit of the run."""

from __future__ import annotations

import itertools
import json
import os
import urllib.request

import schemathesis

BASE = os.environ["AMTIA_BASE_URL"].rstrip("/")


def token(pair: str) -> str:
    """A token for `key:secret`."""
    api_key, secret = pair.split(":", 1)
    body = json.dumps({"api_key": api_key, "secret": secret}).encode()
    request = urllib.request.Request(f"{BASE}/auth/token", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.load(answer)["token"])


TOKENS = itertools.cycle([token(pair) for pair in os.environ["AMTIA_TEST_MANY"].split()])


@schemathesis.auth(refresh_interval=None)
class InTurn:
    """The next key's token for each request."""

    def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> str:
        return next(TOKENS)

    def set(self, case: schemathesis.Case, data: str, context: schemathesis.AuthContext) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, object]) -> None:
    """A webhook's address is made up, but nobody else's machine is called for it."""
    if case.path.startswith("/v1/webhooks") and isinstance(case.body, dict) and str(case.body.get("url", "")).startswith("https://"):
        case.body["url"] = "https://hooks.invalid/amtia"
