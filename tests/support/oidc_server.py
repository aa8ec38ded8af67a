"""A real provider of OpenID Connect on loopback, of authlib's server parts; can be told to lie."""

# ruff: noqa: ARG002, ARG005 - what is overridden has the parameters of authlib

import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import (
    DEVICE_CODE_GRANT_TYPE,
    DeviceAuthorizationEndpoint,
    DeviceCodeGrant,
    DeviceCredentialDict,
)
from authlib.oidc.core import OpenIDCode
from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "omf", "client-secret-of-this-test"
KEY, OTHER_KEY = (RSAKey.generate_key(2048, parameters={"kid": kid}) for kid in ("one", "one"))


@dataclass
class OidcServer:
    """Signs in whoever comes as `claims` say."""

    redirect: str
    claims: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    """Claims of the ID token that are put over the true ones; None takes one away."""
    userinfo: dict[str, Any] | None = None
    forged: bool = False
    """True: signs with a key that is not its own."""
    described: dict[str, Any] = field(default_factory=dict)
    issuer: str = ""
    codes: dict[str, "_Code"] = field(default_factory=dict)
    devices: dict[str, "_Device"] = field(default_factory=dict)
    """By the code a person types."""
    refuses_devices: bool = False
    """True: this client may not have codes for devices."""
    too_fast: int = 0
    """So many questions for a device are told to slow down."""
    asked: int = 0
    """Questions for a device."""

    def confirm(self, user_code: str, *, approved: bool = True) -> None:
        """What a person does in a browser anywhere: types the code, and says yes or no."""
        self.devices[user_code].approved = approved

    def id_token(self, nonce: str | None = None) -> str:
        """A signed one, true but for `lies`."""
        now = int(time.time())
        true = {
            "iss": self.issuer,
            "sub": "subject-1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
        }
        told = {**true, **self.claims, **self.lies}
        said = {name: value for name, value in told.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "one"}, said, OTHER_KEY if self.forged else KEY)

    def visit(self, address: str) -> str:
        """What a browser does that is led there: the address it is led back to."""
        answer = httpx.get(address, follow_redirects=False)
        assert answer.status_code == httpx.codes.FOUND, answer.text
        return answer.headers["location"]


@dataclass
class _Person:
    def get_user_id(self) -> str:
        return "subject-1"


@dataclass
class _Client:
    server: OidcServer

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return self.server.redirect

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.server.redirect

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        asked = {"token"} if self.server.refuses_devices else {"token", "device_authorization"}
        return method == "client_secret_basic" and endpoint in asked

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in {"authorization_code", DEVICE_CODE_GRANT_TYPE}


@dataclass
class _Code:
    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


def _grants(server: OidcServer) -> tuple[type[Any], list[Any]]:
    class Grant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        def save_authorization_code(self, code: str, request: Any) -> None:
            told = request.payload.data
            asked = {name: told.get(name, "") for name in _Code.__annotations__ if name != "code"}
            server.codes[code] = _Code(code, **asked)

        def query_authorization_code(self, code: str, client: Any) -> "_Code | None":
            return server.codes.get(code)

        def delete_authorization_code(self, authorization_code: "_Code") -> None:
            del server.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: "_Code") -> _Person:
            return _Person()

    class Code(OpenIDCode):  # type: ignore[misc]
        def encode_id_token(self, token: Any, request: Any) -> str:
            return server.id_token(request.authorization_code.nonce)

        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return False

    return Grant, [Code(require_nonce=True), CodeChallenge(required=True)]


@dataclass
class _Device(DeviceCredentialDict):  # type: ignore[misc]
    """One code of a device; the dictionary of authlib holds what was told of it."""

    approved: bool | None = None
    expired: bool = False

    def is_expired(self) -> bool:
        return self.expired


def _device_endpoint(server: OidcServer) -> type[Any]:
    class Endpoint(DeviceAuthorizationEndpoint):  # type: ignore[misc]
        def get_verification_uri(self) -> str:
            return f"{server.issuer}/activate"

        def save_device_credential(self, client_id: str, scope: str, data: Any) -> None:
            told = _Device()
            told.update(data, client_id=client_id, scope=scope)
            server.devices[data["user_code"]] = told

    return Endpoint


def _device_grant(server: OidcServer) -> type[Any]:
    class Grant(DeviceCodeGrant):  # type: ignore[misc]
        def query_device_credential(self, device_code: str) -> "_Device | None":
            server.asked += 1
            known = server.devices.values()
            return next((one for one in known if one["device_code"] == device_code), None)

        def query_user_grant(self, user_code: str) -> tuple[_Person, bool] | None:
            said = server.devices[user_code].approved
            return None if said is None else (_Person(), said)

        def should_slow_down(self, credential: "_Device") -> bool:
            server.too_fast -= 1
            return server.too_fast >= 0

        def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
            del server.devices[self.request.credential["user_code"]]
            status, token, headers = super().create_token_response()
            return status, {**token, "id_token": server.id_token()}, headers

    return Grant


def _app(server: OidcServer) -> Flask:
    app, client = Flask("provider"), _Client(server)
    authorization = AuthorizationServer(
        app,
        query_client=lambda client_id: client if client_id == CLIENT else None,
        save_token=lambda token, request: None,
    )
    authorization.register_grant(*_grants(server))
    authorization.register_grant(_device_grant(server))
    authorization.register_endpoint(_device_endpoint(server))

    @app.get("/.well-known/openid-configuration")
    def describe() -> Any:
        own = {
            "issuer": server.issuer,
            "authorization_endpoint": f"{server.issuer}/authorize",
            "token_endpoint": f"{server.issuer}/token",
            "userinfo_endpoint": f"{server.issuer}/userinfo",
            "jwks_uri": f"{server.issuer}/keys",
            "device_authorization_endpoint": f"{server.issuer}/device",
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return jsonify(own | server.described)

    @app.get("/authorize")
    def authorize() -> Any:
        grant = authorization.get_consent_grant(end_user=_Person())
        return authorization.create_authorization_response(grant_user=_Person(), grant=grant)

    @app.post("/token")
    def token() -> Any:
        return authorization.create_token_response()

    @app.post("/device")
    def device() -> Any:
        return authorization.create_endpoint_response("device_authorization")

    @app.get("/keys")
    def keys() -> Any:
        return jsonify({"keys": [KEY.as_dict(private=False)]})

    @app.get("/userinfo")
    def userinfo() -> Any:
        assert request.headers["authorization"].startswith("Bearer ")
        return jsonify(server.userinfo or {"sub": "subject-1"})

    return app


@contextmanager
def oidc_server(redirect: str) -> Iterator[OidcServer]:
    """A provider that knows one client, which is led back to `redirect`."""
    server = OidcServer(redirect)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        web = make_server("127.0.0.1", 0, _app(server), threaded=True)
    server.issuer = f"http://127.0.0.1:{web.server_port}"
    serving = threading.Thread(target=web.serve_forever, daemon=True)
    serving.start()
    try:
        yield server
    finally:
        web.shutdown()
        web.server_close()
        serving.join(10)


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(address).query))
