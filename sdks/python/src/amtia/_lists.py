"""Lists that read their next page when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx

from ._record import Record
from .errors import AmtiaError

T = TypeVar("T", bound=Record)


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list."""

    data: Sequence[T]
    total: int | None
    """How many records the whole list holds, where the API says."""
    next_cursor: str | None
    next_url: str | None

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after this page."""
        return self.next_cursor is None and self.next_url is None


class ResultList(Generic[T]):
    """A list. Iterating gives every record, and asks for each further page when it is reached.

    The first page is read at once, so that an error comes from the call that made it. Iterating again reads the
    further pages again.
    """

    def __init__(self, first: Page[T], following: Callable[[Page[T]], Page[T]]) -> None:
        self._first = first
        self._following = following

    @property
    def data(self) -> Sequence[T]:
        """The records of the first page."""
        return self._first.data

    @property
    def total(self) -> int | None:
        """How many records the whole list holds, where the API says."""
        return self._first.total

    def pages(self) -> Iterator[Page[T]]:
        """Page after page."""
        page = self._first
        seen: set[str] = set()
        while True:
            yield page
            if page.is_last:
                return
            place = page.next_cursor or page.next_url or ""
            if place in seen:
                raise AmtiaError("The list leads back to a page that was read already.")
            seen.add(place)
            page = self._following(page)

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.data

    def __len__(self) -> int:
        if self.total is None:
            raise TypeError("the API does not say how many records this list holds; iterate over it to count them")
        return self.total

    def __bool__(self) -> bool:
        return bool(self._first.data) or not self._first.is_last

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.total if self.total is not None else 'an unknown number of'} records>"


def read_page(response: httpx.Response, body: Any, name: str, kind: type[T]) -> Page[T]:
    """A page from an answer: a bare array, or an object with `data`, `items`, `results` or the resource's own name."""
    items: Any = body
    fields: Mapping[str, Any] = body if isinstance(body, dict) else {}
    if fields:
        items = next((fields[key] for key in ("data", "items", "results", name) if isinstance(fields.get(key), list)), None)
    if not isinstance(items, list):
        raise AmtiaError(f"The answer to {response.request.url.path} holds no list.")
    cursor, url = _next(response, fields)
    total = fields.get("total")
    return Page([kind(item) for item in items], total if isinstance(total, int) else None, cursor, url)


def _next(response: httpx.Response, fields: Mapping[str, Any]) -> tuple[str | None, str | None]:
    cursor = fields.get("next_cursor")
    if isinstance(cursor, (str, int)) and str(cursor):
        return str(cursor), None
    place = fields.get("next")
    if isinstance(place, str) and place and not any(mark in place for mark in "/?"):
        return place, None
    if not (isinstance(place, str) and place):
        place = response.links.get("next", {}).get("url")
    if not place:
        return None, None
    here = str(response.request.url)
    url = urljoin(here, place)
    # The token goes nowhere but to the API it was made for.
    if urlsplit(url)[:2] != urlsplit(here)[:2]:
        raise AmtiaError("The list's next page is at another address than the API; it was not followed.")
    return None, url
