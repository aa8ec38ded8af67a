"""Who asks, for which environment, and whether there is a seat: what routes depend on."""

from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from omf.texts import text
from services.api import reasons
from services.api.context import AppContext, ServedEnvironment
from services.api.metrics import OPEN_STREAMS
from services.api.problems import FieldError, RefusalError
from services.common.auth.access_tokens import (
    PersonClient,
    StandingOverError,
    client_by_token,
    is_personal,
)
from services.common.auth.api_tokens import LOOPBACK, ApiClient
from services.common.process import clock
from services.common.store.keys import Environment

_BEARER = HTTPBearer(
    auto_error=False,
    description="A token of the tokens file (`omf token`), or of a person (page My sign-ins).",
)
_CHALLENGE = {"www-authenticate": "Bearer"}


def context_of(request: Request) -> AppContext:
    """What this process serves."""
    return cast("AppContext", request.app.state.context)


async def only_known_names(request: Request) -> None:
    """422 for a parameter the route does not have: a typo must not look like an answer."""
    document = request.app.openapi()["paths"][request.scope["route"].path]
    given = document[request.method.lower()].get("parameters", ())
    known = [parameter["name"] for parameter in given if parameter["in"] == "query"]
    said = ", ".join(known) or "-"
    detail = text("problem_detail.not_known_known", said=said)
    if wrong := [FieldError(name, detail) for name in request.query_params if name not in known]:
        raise RefusalError(reasons.INVALID, field_errors=wrong)


async def client_of(
    request: Request,
    context: Annotated[AppContext, Depends(context_of)],
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
) -> ApiClient:
    """The client behind a request; 401 if there is none."""
    if given and is_personal(given.credentials):
        return await _person_of(context, given.credentials, address_of(request))
    if context.tokens is None:
        return LOOPBACK
    client = context.tokens.of(given.credentials) if given else None
    if client is None:
        if given:
            await context.refusals.unknown(given.credentials, address_of(request))
        raise RefusalError(reasons.UNKNOWN_CLIENT, headers=_CHALLENGE)
    return client


async def _person_of(context: AppContext, token: str, address: str) -> ApiClient:
    try:
        client = await client_by_token(context.people_bus, token, clock.now())
    except StandingOverError as error:
        await context.refusals.rests(token, str(error), address)
        detail = text("problem_detail.token_rests")
        raise RefusalError(reasons.UNKNOWN_CLIENT, detail, headers=_CHALLENGE) from None
    if client is None:
        await context.refusals.unknown(token, address)
        raise RefusalError(reasons.UNKNOWN_CLIENT, headers=_CHALLENGE)
    await context.note_use(client)
    return client


def address_of(request: Request) -> str:
    """Where a request came from."""
    return request.client.host if request.client else "?"


def token_words(client: ApiClient) -> str:
    """Which of their tokens a person showed, as it stands with a command; "" for a system."""
    return f" ({client.label})" if isinstance(client, PersonClient) else ""


async def environment_of(
    context: Annotated[AppContext, Depends(context_of)],
    client: Annotated[ApiClient, Depends(client_of)],
    environment: Annotated[
        Environment | None, Query(description="Left out: the first one served.")
    ] = None,
) -> ServedEnvironment:
    """The environment a request is for; 404 if it is not served, 403 if not for this client."""
    chosen = next(iter(context.environments)) if environment is None else environment
    known = ", ".join(context.environments)
    field_error = FieldError("environment", text("problem_detail.served", served=known))
    if not client.enters(chosen):
        raise RefusalError(
            reasons.OTHER_ENVIRONMENT, field_errors=[FieldError("environment", _NOT_YOURS)]
        )
    if chosen not in context.environments:
        raise RefusalError(reasons.NO_ENVIRONMENT, field_errors=[field_error])
    return context.environments[chosen]


async def stream_slot(
    context: Annotated[AppContext, Depends(context_of)],
    client: Annotated[ApiClient, Depends(client_of)],
) -> AsyncIterator[ApiClient]:
    """A seat for a stream of this client, held until its last byte; 429 if there is none."""
    if not context.stream_limiter.free(client.name):
        raise RefusalError(reasons.TOO_MANY_STREAMS, headers={"retry-after": "5"})
    with context.stream_limiter.hold(client.name), OPEN_STREAMS.track_inprogress():
        yield client


_NOT_YOURS = text("problem_detail.client_refused")

ContextDep = Annotated[AppContext, Depends(context_of)]
ClientDep = Annotated[ApiClient, Depends(client_of)]
EnvironmentDep = Annotated[ServedEnvironment, Depends(environment_of)]
StreamSlot = Depends(stream_slot)
