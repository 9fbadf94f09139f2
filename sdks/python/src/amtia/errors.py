"""What can go wrong, one class for each documented error code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class AmtiaError(Exception):
    """Everything that this package raises on its own account."""


class APIConnectionError(AmtiaError):
    """The API could not be reached, or the connection ended before the answer was whole."""


class APITimeoutError(APIConnectionError):
    """The API did not answer in time."""


@dataclass(frozen=True)
class ErrorDetail:
    """One thing that is wrong with one field. `yours` and `current` come with a 412."""

    field: str
    message: str
    yours: Any = None
    current: Any = None


class APIError(AmtiaError):
    """The API answered, and refused.

    `code` is the HTTP status, `request_id` what support and the log know the call by, and `details` names every
    offending field at once.
    """

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: str = "",
        request_id: str | None = None,
        details: tuple[ErrorDetail, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.request_id = request_id
        self.details = details
        self.retry_after = retry_after
        """Seconds to wait before the next try, when the API says."""

    def __str__(self) -> str:
        text = f"{self.code} {self.status}: {self.message}" if self.status else f"{self.code}: {self.message}"
        for detail in self.details:
            text += f"\n  {detail.field}: {detail.message}"
        return f"{text} ({self.request_id})" if self.request_id else text

    def field(self, name: str) -> str | None:
        """What is wrong with this field, if anything is."""
        return next((detail.message for detail in self.details if detail.field == name), None)


class BadRequestError(APIError):
    """400: the request is malformed; `details` lists every offending field."""


class AuthenticationError(APIError):
    """401: the credentials or the token are missing, wrong, expired or revoked."""


class PermissionDeniedError(APIError):
    """403: the role of this API key does not allow the operation."""


class NotFoundError(APIError):
    """404: there is no such record or path."""


class PreconditionFailedError(APIError):
    """412: the record changed since it was read; `details` holds both values."""


class RateLimitError(APIError):
    """429: more than 1,000 requests in a minute, and the wait would be longer than `max_retry_wait`."""


class InternalServerError(APIError):
    """500 and above: the API failed."""


_CLASSES: Mapping[int, type[APIError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    412: PreconditionFailedError,
    429: RateLimitError,
}


def error_from(
    code: int, body: Any, *, reason: str = "", request_id: str | None = None, retry_after: float | None = None
) -> APIError:
    """The error that an answer stands for. `body` is its JSON, or None where it held none."""
    kind = _CLASSES.get(code, InternalServerError if code >= 500 else APIError)
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        # RFC 6749 answers a name and a description; anything else gets its status line.
        described = body.get("error_description") if isinstance(body, dict) else None
        return kind(
            code, str(described or reason or "no message"), status=reason, request_id=request_id, retry_after=retry_after
        )
    details = tuple(
        ErrorDetail(str(item.get("field", "")), str(item.get("message", "")), item.get("yours"), item.get("current"))
        for item in error.get("details") or ()
        if isinstance(item, dict)
    )
    return kind(
        code,
        str(error.get("message") or reason),
        status=str(error.get("status") or reason),
        request_id=error.get("request_id") or request_id,
        details=details,
        retry_after=retry_after,
    )
