"""What no real engine does on demand: waits, lost answers, other lists, hostile answers."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import amtia
import httpx
import pytest
from amtia import Client

BASE = "https://amtia.example/v1"
Handler = Callable[[httpx.Request], httpx.Response]


class Peer:
    """Answers from a list, one after the other, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.slept: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if request.url.path.endswith("/auth/token"):
            return httpx.Response(200, json={"token": "secret-token", "expires_in": 3600, "token_type": "Bearer"})
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, **options: Any) -> Client:
        client = Client(
            api_key="the-key",
            secret="the-secret",
            base_url=BASE,
            http_client=httpx.Client(transport=httpx.MockTransport(self)),
            **options,
        )
        client._api._sleep = self.slept.append
        return client


def risks(*names: str, **more: object) -> dict[str, object]:
    return {"data": [{"id": name, "name": name, "level": "low"} for name in names], **more}


@pytest.mark.parametrize("retry_after", ["2", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_wait_is_honoured_or_told(retry_after: str) -> None:
    limited = httpx.Response(429, headers={"retry-after": retry_after}, json={"error": {"code": 429, "message": "Wait."}})
    peer = Peer(limited, httpx.Response(200, json=risks("a")))
    client = peer.client(max_retry_wait=10)
    if retry_after == "2":
        assert [risk.name for risk in client.risks.list()] == ["a"]
        assert peer.slept == [2.0]
    else:
        with pytest.raises(amtia.RateLimitError) as told:
            client.risks.list()
        assert told.value.retry_after and told.value.retry_after > 10
        assert peer.slept == []


def test_a_lost_answer_to_a_post_is_asked_for_again_with_the_same_key() -> None:
    peer = Peer(httpx.ReadError("gone"), httpx.Response(503), httpx.Response(201, json={"id": "1", "name": "A"}))
    assert peer.client().risks.create(name="A").id == "1"
    keys = {request.headers["idempotency-key"] for request in peer.asked}
    assert len(peer.asked) == 3 and len(keys) == 1
    assert len({request.content for request in peer.asked}) == 1


def test_a_change_based_on_a_revision_is_not_repeated() -> None:
    peer = Peer(httpx.ReadError("gone"))
    with pytest.raises(amtia.APIConnectionError):
        peer.client().risks.update("1", owner="A", if_match='"1"')


def test_a_500_is_told_at_once() -> None:
    body = {"error": {"code": 500, "status": "Internal Server Error", "message": "Sorry.", "request_id": "req_abc123def456"}}
    peer = Peer(httpx.Response(500, json=body))
    with pytest.raises(amtia.InternalServerError) as told:
        peer.client().risks.list()
    assert told.value.request_id == "req_abc123def456" and len(peer.asked) == 1


def test_a_second_401_is_told() -> None:
    peer = Peer(httpx.Response(401), httpx.Response(401))
    with pytest.raises(amtia.AuthenticationError):
        peer.client().risks.list()
    assert len(peer.asked) == 2


@pytest.mark.parametrize(
    ("first", "headers", "second"),
    [
        (risks("a", next_cursor="c2", total=2), {}, "cursor=c2"),
        ({"items": [{"id": "a"}], "next": f"{BASE}/risks?page=2"}, {}, "page=2"),
        ({"results": [{"id": "a"}], "next": "/v1/risks?page=2"}, {}, "page=2"),
        ({"risks": [{"id": "a"}], "next": "c2"}, {}, "cursor=c2"),
        ([{"id": "a"}], {"link": f'<{BASE}/risks?page=2>; rel="next"'}, "page=2"),
    ],
)
def test_each_form_of_list_is_followed(first: object, headers: dict[str, str], second: str) -> None:
    peer = Peer(httpx.Response(200, json=first, headers=headers), httpx.Response(200, json=[{"id": "b"}]))
    assert [risk.id for risk in peer.client().risks.list(level="low")] == ["a", "b"]
    assert second in str(peer.asked[1].url)


def test_the_token_goes_to_no_other_address() -> None:
    peer = Peer(httpx.Response(200, json={"data": [], "next": "https://elsewhere.example/v1/risks"}))
    with pytest.raises(amtia.AmtiaError, match="another address"):
        peer.client().risks.list()
    peer = Peer(httpx.Response(302, headers={"location": "https://elsewhere.example/"}))
    with pytest.raises(amtia.APIError):
        peer.client().risks.list()
    assert len(peer.asked) == 1


def test_a_circle_of_pages_ends() -> None:
    peer = Peer(*[httpx.Response(200, json=risks("a", next_cursor="c")) for _ in range(3)])
    with pytest.raises(amtia.AmtiaError, match="leads back"):
        list(peer.client().risks.list())


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(200, json={"data": "no"})])
def test_an_answer_that_is_no_list_is_told(answer: httpx.Response) -> None:
    with pytest.raises(amtia.AmtiaError):
        Peer(answer).client().risks.list()


def test_nothing_that_is_printed_holds_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    created = {"id": "1", "secret": "whsec_hidden"}
    peer = Peer(httpx.Response(200, json=risks("a")), httpx.ConnectError("refused"), httpx.ConnectError("r"), httpx.ConnectError("r"))
    client = peer.client()
    client.risks.list()
    with pytest.raises(amtia.APIConnectionError) as lost:
        client.risks.list()
    printed = f"{client!r} {client._api!r} {client._api.tokens!r} {lost.value!r} {lost.value} {amtia.Record(created)!r} {caplog.text}"
    for word in ("the-secret", "the-key", "secret-token", "whsec_hidden"):
        assert word not in printed


def test_the_address_comes_from_the_option_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMTIA_BASE_URL", "http://127.0.0.1:7411/v1/")
    assert Client(api_key="k", secret="s").base_url == "http://127.0.0.1:7411/v1"
    assert Client(api_key="k", secret="s", base_url=BASE + "/").base_url == BASE
    monkeypatch.delenv("AMTIA_BASE_URL")
    assert Client(api_key="k", secret="s").base_url == "https://api.amtia.net/v1"
    for wrong in ("http://amtia.example/v1", "ftp://127.0.0.1/", "https://me:pass@amtia.example/", "nothing"):
        with pytest.raises(ValueError, match="base_url"):
            Client(api_key="k", secret="s", base_url=wrong)


def test_records_read_by_name_and_do_not_change() -> None:
    record = amtia.Record({"id": "1", "nested": {"a": [{"b": 1}]}, "new_field": True})
    assert record.nested.a[0].b == 1 and record["new_field"] is True and record.new_field
    with pytest.raises(AttributeError, match="no field 'naem'"):
        _ = record.naem
    with pytest.raises(AttributeError, match="does not change"):
        record.id = "2"
    assert json.loads(json.dumps(record.to_dict())) == {"id": "1", "nested": {"a": [{"b": 1}]}, "new_field": True}


class Unseen(io.RawIOBase):
    """A file of 30 MB that is never whole anywhere."""

    def __init__(self) -> None:
        self.left = 30 << 20
        self.largest = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "it is read in parts"
        self.largest = max(self.largest, size)
        part = bytes(min(size, self.left))
        self.left -= len(part)
        return part


def test_an_upload_is_read_in_parts() -> None:
    sent = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal sent
        if request.url.path.endswith("/auth/token"):
            return httpx.Response(200, json={"token": "t", "expires_in": 3600})
        for part in request.stream:  # type: ignore[union-attr]
            sent += len(part)
        return httpx.Response(201, json={"id": "1"})

    http = httpx.Client(transport=_Streaming(answer))
    client = Client(api_key="k", secret="s", base_url=BASE, http_client=http)
    unseen = Unseen()
    record = client._api.upload(amtia.Record, BASE + "/documents/upload", ("big.bin", unseen), {"title": "Big"}, None)  # type: ignore[arg-type]
    assert record.id == "1" and sent > 30 << 20 and unseen.largest <= 1 << 20


class _Streaming(httpx.BaseTransport):
    def __init__(self, answer: Handler) -> None:
        self._answer = answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._answer(request)
