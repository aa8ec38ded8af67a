"""What is asked of a provider of OpenID Connect, and which of its answers is believed.

Authorization code flow with PKCE (RFC 6749, RFC 7636, OpenID Connect Core 3.1): state and nonce are
drawn for each sign-in; issuer, audience, time and signature of the ID token are checked. Where no
browser is, a code that a person confirms at another machine stands for all that (RFC 8628).
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import TypeAdapter, ValidationError

from omf.constants import HOUR_S
from services.common.auth.directory_file import OidcSection, tls_of
from services.common.auth.group_roles import DirectoryName
from services.common.store.keys import StreamModel
from services.ui.auth.provider_answers import (
    DeviceCode,
    OidcAwayError,
    OidcRefusedError,
    ProviderMetadata,
    ask,
)
from services.ui.auth.request_rules import OIDC_DONE

LEEWAY_S = 60
"""Clocks of two machines differ by so much at most."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signed with a key of the provider: never `none`, never a secret that both know."""
_NAME: TypeAdapter[str] = TypeAdapter(DirectoryName)


class NoDeviceFlowError(Exception):
    """The provider offers no sign-in by a code at another machine."""


class OidcAttempt(StreamModel):
    """One sign-in on its way: kept in the browser, sealed, until the provider has answered."""

    state: str
    nonce: str
    verifier: str
    back: str
    until: float
    """Unix seconds."""

    @classmethod
    def begin(cls, back: str, until: float) -> "OidcAttempt":
        """A new one: nothing of it was ever used before."""
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        return cls(state=state, nonce=nonce, verifier=verifier, back=back, until=until)


class OidcPerson(NamedTuple):
    """Who the provider says somebody is; `groups` is whatever it says of them."""

    name: str
    groups: object


class OidcProvider:
    """One provider. Its own description is read when it is first needed, and anew each hour."""

    def __init__(self, section: OidcSection, now: Callable[[], float]) -> None:
        """DirectoryFileError if a file it names cannot be used. `now` is in Unix seconds."""
        self._section = section
        self._now = now
        self._secret = section.client_secret()
        self._tls = tls_of(section.ca_file)
        self._read: tuple[float, ProviderMetadata] | None = None
        self._keys: KeySet | None = None
        self._reading = asyncio.Lock()

    async def address(self, attempt: OidcAttempt) -> str:
        """Where a browser goes to sign in. OidcAwayError while nobody can."""
        metadata = await self._metadata()
        return str(
            prepare_grant_uri(
                metadata.authorization_endpoint,
                self._section.client_id,
                "code",
                redirect_uri=self._redirect,
                scope=self._section.scopes,
                state=attempt.state,
                nonce=attempt.nonce,
                code_challenge=create_s256_code_challenge(attempt.verifier),
                code_challenge_method="S256",
            )
        )

    async def person(self, attempt: OidcAttempt, answer: Mapping[str, str]) -> OidcPerson:
        """Who came back with that answer. OidcRefusedError, OidcAwayError."""
        if not secrets.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise OidcRefusedError("the state is that of another sign-in")
        if error := answer.get("error"):
            raise OidcRefusedError(f"the provider says {error[:100]!r}")
        if answer.get("iss", self._section.issuer).rstrip("/") != self._section.issuer:
            raise OidcRefusedError("the answer is of another issuer")
        if not answer.get("code"):
            raise OidcRefusedError("the answer holds no code")
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self._redirect,
            "code_verifier": attempt.verifier,
        }
        tokens = await self._post((await self._metadata()).token_endpoint, form)
        return await self._known(tokens, attempt.nonce)

    async def device_code(self) -> DeviceCode:
        """A new code to be confirmed. NoDeviceFlowError, OidcRefusedError, OidcAwayError."""
        endpoint = (await self._metadata()).device_authorization_endpoint
        if endpoint is None:
            raise NoDeviceFlowError
        told = await self._post(endpoint, {"scope": self._section.scopes})
        try:
            return DeviceCode.model_validate(told)
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            raise OidcAwayError(f"{endpoint} answers a code without a fit {where}") from None

    async def device_person(self, device_code: str) -> OidcPerson:
        """Who confirmed that code. OidcRefusedError, as long as nobody has; OidcAwayError."""
        form = {"grant_type": DEVICE_CODE_GRANT_TYPE, "device_code": device_code}
        tokens = await self._post((await self._metadata()).token_endpoint, form)
        return await self._known(tokens)

    @property
    def _redirect(self) -> str:
        return f"{self._section.pages}{OIDC_DONE}"

    async def _post(self, address: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The answer to this client, which says who it is."""
        own = (self._section.client_id, self._secret)
        auth = httpx.BasicAuth(*own) if self._secret else None
        data = {**form, "client_id": self._section.client_id}
        return await ask(self._tls, "POST", address, data=data, auth=auth)

    async def _claims(self, tokens: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """What a signed ID token says, once it is of this provider, for us, and of this sign-in.

        `nonce` is "" for a code of a device, which has none: the token comes for that code alone.
        """
        metadata, given = await self._metadata(), tokens.get("id_token")
        if not isinstance(given, str):
            raise OidcRefusedError("the answer holds no ID token")
        usable = [a for a in metadata.id_token_signing_alg_values_supported if a in ALGORITHMS]
        own = {"nonce": nonce, "client_id": self._section.client_id}
        options: Any = {
            "iss": {"essential": True, "value": metadata.issuer},
            "aud": {"essential": True, "value": self._section.client_id},
        }
        try:
            token = await self._verified(given, usable)
            claims = CodeIDToken(token.claims, token.header, options, own)
            claims.validate(now=int(self._now()), leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise OidcRefusedError(f"the ID token is not good: {error}") from None
        return dict(claims)

    async def _verified(self, given: str, algorithms: list[str]) -> jwt.Token:
        registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
        try:
            return jwt.decode(given, await self._key_set(), registry=registry)
        except InvalidKeyIdError:  # the provider has drawn a new key since
            self._keys = None
            return jwt.decode(given, await self._key_set(), registry=registry)

    async def _known(self, tokens: Mapping[str, Any], nonce: str = "") -> OidcPerson:
        """Name and groups; what the ID token does not hold, the provider is asked for."""
        claims = await self._claims(tokens, nonce)
        section, metadata = self._section, await self._metadata()
        wanted = (section.name_claim, section.groups_claim)
        if any(one not in claims for one in wanted) and metadata.userinfo_endpoint:
            bearer = {"authorization": f"Bearer {tokens.get('access_token', '')}"}
            more = await ask(self._tls, "GET", metadata.userinfo_endpoint, headers=bearer)
            if more.get("sub") != claims["sub"]:
                raise OidcRefusedError("the provider tells of another person than it signed for")
            claims = {**more, **claims}
        if section.name_claim == "email" and claims.get("email_verified") in (False, "false"):
            raise OidcRefusedError("the provider has not verified the address that is the name")
        try:
            name = _NAME.validate_python(claims.get(section.name_claim), strict=True)
        except ValidationError:
            raise OidcRefusedError(f"the claim {section.name_claim} holds no fit name") from None
        return OidcPerson(name, claims.get(section.groups_claim))

    async def _metadata(self) -> ProviderMetadata:
        async with self._reading:
            if self._read is None or abs(self._now() - self._read[0]) > HOUR_S:
                self._read = (self._now(), await self._described())
                self._keys = None
            return self._read[1]

    async def _described(self) -> ProviderMetadata:
        issuer = self._section.issuer
        told = await ask(self._tls, "GET", f"{issuer}/.well-known/openid-configuration")
        try:
            found = ProviderMetadata.model_validate(told)
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            raise OidcAwayError(f"{issuer} describes itself without a fit {where}") from None
        if found.issuer.rstrip("/") != issuer:
            raise OidcAwayError(f"{issuer} calls itself {found.issuer[:200]}")
        return found

    async def _key_set(self) -> KeySet:
        if self._keys is None:
            told: Any = await ask(self._tls, "GET", (await self._metadata()).jwks_uri)
            try:
                self._keys = KeySet.import_key_set(told)
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise OidcAwayError(f"{self._section.issuer} has no usable keys: {error}") from None
        return self._keys
