"""An answer's object with its fields as attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self


class Record(Mapping[str, Any]):
    """One object of an answer: `risk.name` and `risk["name"]` read the same.

    Fields that this version does not know are kept and read in the same way. A field that the answer does not hold
    raises `AttributeError` (or `KeyError`), so that a misspelt name never passes for an empty value. Records do not
    change: to change one, call `update`.
    """

    _nested: ClassVar[Mapping[str, type[Record]]] = {}
    _data: dict[str, Any]
    _etag: str | None

    def __init__(self, data: Mapping[str, Any], *, etag: str | None = None) -> None:
        object.__setattr__(self, "_etag", etag)
        object.__setattr__(
            self, "_data", {name: _wrap(value, self._nested.get(name, Record)) for name, value in data.items()}
        )

    @classmethod
    def from_answer(cls, data: Mapping[str, Any], etag: str | None = None) -> Self:
        """A record from an answer's object."""
        return cls(data, etag=etag)

    @property
    def etag(self) -> str | None:
        """What to give as `if_match`, so that nobody else's change is overwritten; None for records of a list."""
        return self._etag

    def to_dict(self) -> dict[str, Any]:
        """The plain object, as the API answered it."""
        return {name: _unwrap(value) for name, value in self._data.items()}

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._data:
            return self._data[name]
        raise AttributeError(f"this {type(self).__name__} has no field {name!r}; it has {', '.join(self._data)}")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a {type(self).__name__} does not change; call update() to change what the API keeps")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a {type(self).__name__} does not change")

    def __getitem__(self, name: str) -> Any:
        return self._data[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __eq__(self, other: object) -> bool:
        return self.to_dict() == (other.to_dict() if isinstance(other, Record) else other)

    def __hash__(self) -> int:
        return hash((type(self), self._data.get("id")))

    def __repr__(self) -> str:
        # A webhook's secret comes once, in the answer that creates it; it is not for logs.
        fields = ", ".join(f"{name}={'***' if name == 'secret' else repr(value)}" for name, value in self._data.items())
        return f"{type(self).__name__}({fields})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self).from_answer, (self.to_dict(), self._etag))


def _wrap(value: Any, kind: type[Record]) -> Any:
    if isinstance(value, dict):
        return kind(value)
    if isinstance(value, list):
        return [_wrap(item, kind) for item in value]
    return value


def _unwrap(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, list):
        return [_unwrap(item) for item in value]
    return value
