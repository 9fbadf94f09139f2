"""One call: token, waits, retries, errors."""

from __future__ import annotations

import email.utils
import io
import ipaddress
import json
import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import quote

import httpx

from ._lists import Page, ResultList, read_page
from ._record import Record
from ._token import Tokens
from .errors import AmtiaError, APIConnectionError, APIError, APITimeoutError, error_from

R = TypeVar("R", bound=Record)

File = str | Path | bytes | IO[bytes] | tuple[str, bytes | IO[bytes]]
"""What can be uploaded: a path, the bytes, an open file, or a name with either of the last two."""


@dataclass
class Call:
    """What to ask for."""

    method: str
    url: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None
    file: tuple[str, IO[bytes]] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def repeatable(self) -> bool:
        """Whether asking again after a lost answer does no harm.

        A POST is, by its idempotency key. A change that names the revision it is based on is not: it would find its
        own first try and call it somebody else's.
        """
        return "if-match" not in self.headers and (self.file is None or self.file[1].seekable())


class Api:
    """The HTTP side of the client."""

    def __init__(
        self,
        *,
        api_key: str,
        secret: str,
        base_url: str,
        timeout: float,
        max_retries: int,
        max_retry_wait: float,
        allow_insecure_http: bool,
        http_client: httpx.Client | None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = _checked(base_url, allow_insecure_http)
        self._api_key, self._secret = api_key, secret
        self._max_retries, self._max_retry_wait = max_retries, max_retry_wait
        self._owns_client = http_client is None
        self._timeout = timeout
        self._client = http_client if http_client is not None else httpx.Client(timeout=timeout)
        self._sleep = sleep
        self.tokens = Tokens(self._fetch_token)

    def close(self) -> None:
        """Closes the connections that this object opened."""
        if self._owns_client:
            self._client.close()

    def path(self, template: str, *values: str) -> str:
        """A path with its identifiers, each as one segment."""
        for value in values:
            if not isinstance(value, str) or value in ("", ".", ".."):
                raise ValueError(f"{value!r} is not an identifier")
        return self.base_url + template.format(*(quote(value, safe="") for value in values))

    def get(self, kind: type[R], url: str, query: Mapping[str, Any]) -> R:
        """One object."""
        return _record(kind, self.send(Call("GET", url, query=query)))

    def list(self, kind: type[R], url: str, query: Mapping[str, Any], name: str) -> ResultList[R]:
        """A list, page by page."""
        first = self._page(kind, Call("GET", url, query=query), name)

        def following(page: Page[R]) -> Page[R]:
            if page.next_url is not None:
                return self._page(kind, Call("GET", page.next_url), name)
            return self._page(kind, Call("GET", url, query={**query, "cursor": page.next_cursor}), name)

        return ResultList(first, following)

    def _page(self, kind: type[R], call: Call, name: str) -> Page[R]:
        response = self.send(call)
        return read_page(response, _json(response), name, kind)

    def post(self, kind: type[R], url: str, body: Mapping[str, Any], idempotency_key: str | None) -> R:
        """Creates a record, once, however often it has to be asked for."""
        headers = {"idempotency-key": idempotency_key or str(uuid.uuid4())}
        return _record(kind, self.send(Call("POST", url, body=body, headers=headers)))

    def put(self, kind: type[R], url: str, body: Mapping[str, Any], if_match: str | None) -> R:
        """Changes a record."""
        headers = {} if if_match is None else {"if-match": if_match}
        return _record(kind, self.send(Call("PUT", url, body=body, headers=headers)))

    def delete(self, url: str) -> None:
        """Deletes a record."""
        self.send(Call("DELETE", url))

    def upload(self, kind: type[R], url: str, file: File, fields: Mapping[str, Any], idempotency_key: str | None) -> R:
        """Sends a file as it is read, never the whole of it in memory."""
        key = idempotency_key or str(uuid.uuid4())
        headers = {
            "idempotency-key": key,
            # The same boundary in each try: a repeated body must be the same body.
            "content-type": f"multipart/form-data; boundary=amtia-{uuid.uuid5(uuid.NAMESPACE_URL, key).hex}",
        }
        form = {name: _text(value) for name, value in fields.items() if value is not None}
        name, stream, ours = _opened(file)
        try:
            return _record(kind, self.send(Call("POST", url, form=form, file=(name, stream), headers=headers)))
        finally:
            if ours:
                stream.close()

    def send(self, call: Call) -> httpx.Response:
        """Asks with a token; a refused token is renewed once."""
        token = self.tokens.get()
        try:
            return self._ask(call, token)
        except APIError as error:
            if error.code != 401 or (call.file is not None and not call.file[1].seekable()):
                raise
        self.tokens.refuse(token)
        return self._ask(call, self.tokens.get())

    def _fetch_token(self) -> tuple[str, float]:
        body = {"api_key": self._api_key, "secret": self._secret}
        answer = _json(self._ask(Call("POST", self.base_url + "/auth/token", body=body), None))
        fields: dict[str, Any] = answer if isinstance(answer, dict) else {}
        fresh = fields.get("token", fields.get("access_token"))
        if not isinstance(fresh, str):
            raise AmtiaError("The answer of /auth/token holds no token.")
        lifetime = fields.get("expires_in")
        return fresh, float(lifetime) if isinstance(lifetime, (int, float)) else 3600.0

    def _ask(self, call: Call, token: str | None) -> httpx.Response:
        """Asks until there is an answer that counts, within the limits for retries and waiting."""
        waited, tries = 0.0, 0
        while True:
            failure: AmtiaError
            try:
                response = self._client.send(self._request(call, token), follow_redirects=False)
                if response.is_success:
                    return response
                failure = _refusal(response)
                again = failure.code == 429 or (failure.code in (502, 503, 504) and call.repeatable)
                again = again and (call.file is None or call.file[1].seekable())
                pause = failure.retry_after
            except httpx.TimeoutException as cause:
                failure, again, pause = APITimeoutError(f"{call.url} did not answer in time."), call.repeatable, None
                failure.__cause__ = cause
            except httpx.TransportError as cause:
                failure, again, pause = APIConnectionError(f"{call.url} was not reached: {cause}"), call.repeatable, None
                failure.__cause__ = cause
            if pause is None:
                pause = min(8.0, 0.5 * 2**tries) * random.uniform(0.75, 1.0)
            if not again or tries >= self._max_retries or waited + pause > self._max_retry_wait:
                raise failure
            self._sleep(pause)
            waited, tries = waited + pause, tries + 1

    def _request(self, call: Call, token: str | None) -> httpx.Request:
        headers = {"accept": "application/json", "user-agent": "amtia-sdk-python/0.1.0", **call.headers}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        query = {name: _text(value) for name, value in call.query.items() if value is not None}
        content: bytes | None = None
        files = None
        if call.file is not None:
            if call.file[1].seekable():
                call.file[1].seek(0)
            files = {"file": call.file}
        elif call.body is not None:
            headers["content-type"] = "application/json"
            content = json.dumps(call.body, default=_plain, ensure_ascii=False, allow_nan=False).encode()
        return self._client.build_request(
            call.method,
            call.url,
            params=query or None,
            headers=headers,
            content=content,
            data=dict(call.form) if call.form is not None else None,
            files=files,
            timeout=self._timeout,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.base_url}>"


def _checked(base_url: str, allow_insecure_http: bool) -> str:
    url = httpx.URL(base_url)
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(f"base_url must be an http or https address, not {base_url!r}")
    if url.userinfo:
        raise ValueError("base_url must hold no user name or password")
    if url.scheme == "http" and not allow_insecure_http and not _is_loopback(url.host):
        raise ValueError("base_url must be https: the secret would travel in the clear (plain http is for this machine only)")
    return base_url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _opened(file: File) -> tuple[str, IO[bytes], bool]:
    """A name, a stream, and whether to close it afterwards."""
    if isinstance(file, tuple):
        given, content = file
        return (given, io.BytesIO(content), True) if isinstance(content, bytes) else (given, content, False)
    if isinstance(file, bytes):
        return "document", io.BytesIO(file), True
    if isinstance(file, (str, Path)):
        return Path(file).name, open(file, "rb"), True
    name = getattr(file, "name", None)
    return Path(name).name if isinstance(name, str) else "document", file, False


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (date, datetime)):
        return str(_plain(value))
    if isinstance(value, (list, tuple)):
        return ",".join(_text(item) for item in value)
    return str(value)


def _plain(value: Any) -> Any:
    """What JSON has no word for: RFC 3339 for times, objects for records."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("a time needs a time zone, such as datetime.now(timezone.utc)")
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Record):
        return value.to_dict()
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError as cause:
        raise AmtiaError(f"The answer to {response.request.url.path} is not JSON.") from cause


def _record(kind: type[R], response: httpx.Response) -> R:
    body = _json(response)
    if not isinstance(body, dict):
        raise AmtiaError(f"The answer to {response.request.url.path} is not an object.")
    return kind.from_answer(body, response.headers.get("etag"))


def _refusal(response: httpx.Response) -> APIError:
    try:
        body = response.json()
    except ValueError:
        body = None
    return error_from(
        response.status_code,
        body,
        reason=response.reason_phrase,
        request_id=response.headers.get("x-request-id"),
        retry_after=_seconds(response.headers.get("retry-after")),
    )


def _seconds(value: str | None) -> float | None:
    """`Retry-After`: seconds, or a date."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
