"""The AMTIA REST API v1 from Python.

>>> from amtia import Client
>>> client = Client(api_key="your_api_key", secret="your_secret")
>>> for risk in client.risks.list(level="critical"):
...     print(f"{risk.name}: {risk.level}")
"""

from . import models
from ._client import DEFAULT_BASE_URL, Client
from ._lists import Page, ResultList
from ._record import Record
from .errors import (
    AmtiaError,
    APIConnectionError,
    APIError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ErrorDetail,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionFailedError,
    RateLimitError,
)

__version__ = "0.1.0"

__all__ = [
    "DEFAULT_BASE_URL",
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "AmtiaError",
    "AuthenticationError",
    "BadRequestError",
    "Client",
    "ErrorDetail",
    "InternalServerError",
    "NotFoundError",
    "Page",
    "PermissionDeniedError",
    "PreconditionFailedError",
    "RateLimitError",
    "Record",
    "ResultList",
    "models",
]
