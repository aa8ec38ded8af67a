"""What a provider of OpenID Connect answers: JSON objects, bounded in size and time."""

import asyncio
import json
import ssl
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from pydantic import AfterValidator, AliasChoices, BaseModel, Field

from services.common.auth.directory_file import WebAddress
from services.common.process.loopback import is_loopback

PROVIDER_ANSWER_S = 5.0
MAX_ANSWER_BYTES = 1_000_000
MAX_DEVICE_CODE = 1500
"""Sealed it goes to the command line and comes back in a form, which is bounded."""


class OidcAwayError(Exception):
    """The provider does not answer as it should; the text says how."""


class OidcRefusedError(Exception):
    """Nobody is signed in by this answer; the text says what is wrong with it."""

    def __init__(self, text: str, code: str = "") -> None:
        """`code` is the provider's own word for it, as `access_denied`; "" without one."""
        super().__init__(text)
        self.code = code


class ProviderMetadata(BaseModel):
    """What a provider says of itself."""

    issuer: str
    authorization_endpoint: WebAddress
    token_endpoint: WebAddress
    jwks_uri: WebAddress
    userinfo_endpoint: WebAddress | None = None
    device_authorization_endpoint: WebAddress | None = None
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)


def _for_a_browser(address: str) -> str:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        raise ValueError("is no address that a person may be sent to")
    return address


BrowserAddress = Annotated[
    str, Field(pattern=r"^[\x21-\x7e]{1,500}$"), AfterValidator(_for_a_browser)
]


class DeviceCode(BaseModel):
    """A code that a person confirms at another machine (RFC 8628, section 3.2)."""

    device_code: str = Field(min_length=1, max_length=MAX_DEVICE_CODE, repr=False)
    user_code: str = Field(pattern=r"^[\x20-\x7e]{1,64}$")
    verification_uri: BrowserAddress = Field(
        validation_alias=AliasChoices("verification_uri", "verification_url")
    )
    verification_uri_complete: BrowserAddress | None = None
    expires_in: int = Field(ge=1, le=86_400)
    interval: int = Field(5, ge=0, le=600)


async def ask(tls: ssl.SSLContext, method: str, address: str, **more: Any) -> dict[str, Any]:
    """The JSON object answered. OidcRefusedError for a client error, else OidcAwayError."""
    try:
        async with (
            asyncio.timeout(PROVIDER_ANSWER_S),
            httpx.AsyncClient(verify=tls, timeout=PROVIDER_ANSWER_S) as client,
            client.stream(method, address, **more) as answer,
        ):
            body = await _bounded(answer)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, TimeoutError, OSError) as error:
        raise OidcAwayError(f"{address}: {error or 'no answer in time'}") from None
    told = _object(body)
    if httpx.codes.is_client_error(answer.status_code) and method == "POST":
        code = str((told or {}).get("error", ""))[:100]
        raise OidcRefusedError(f"the provider takes the code with {answer.status_code}", code)
    if answer.status_code != httpx.codes.OK:
        raise OidcAwayError(f"{address} answers {answer.status_code}")
    if told is None:
        raise OidcAwayError(f"{address} answers no JSON object")
    return told


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


async def _bounded(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise httpx.DecodingError("more than a provider has to say")
    return bytes(body)
