"""Who shows a token that a person made for themselves on the page My sign-ins."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from services.cli.connection import connect
from services.cli.output import told
from services.common.auth.access_tokens import (
    PersonClient,
    StandingOverError,
    client_by_token,
    note_use,
    token_by_id,
)
from services.common.auth.api_tokens import digest
from services.common.auth.token_notes import end_token, ended_before, note_resting, note_unknown
from services.common.process import clock
from services.common.process.settings import served
from services.common.store.bus import Bus
from services.common.store.keys import Environment


class PersonalTokenError(Exception):
    """The token opens nothing; the text says why and how to mend it."""


def person_by_token(run: Path | None, token: str, source: str) -> PersonClient:
    """The person with this token, and what they may now; PersonalTokenError.

    The command ends where the store does not answer: it alone knows.
    """
    with told():
        place = connect(served()[0], run)
        environments = place.environments or (place.environment,)
        try:
            client = asyncio.run(_known(place.store_url, environments, token, source))
        except StandingOverError as error:
            raise PersonalTokenError(
                f"for minutes nobody has confirmed what {error} may: the pages must run, and "
                f"{error} must have signed in there lately"
            ) from None
    if client is None:
        raise PersonalTokenError(
            "the token is not known (any more): My sign-ins makes one, in the pages, and so does "
            "`omf login --device`"
        )
    return client


def end_shown(run: Path | None, token: str, source: str) -> bool:
    """The token opens nothing from now on; False if it had ended before. StoreError."""
    place = connect(served()[0], run)
    environments = place.environments or (place.environment,)
    return asyncio.run(_ended(place.store_url, environments, token, source))


async def _ended(
    store_url: str, environments: Iterable[Environment], token: str, source: str
) -> bool:
    for environment in environments:
        async with Bus(store_url, environment) as bus:
            if found := await token_by_id(bus, digest(token)):
                return await end_token(bus, found, "logout", source=source)
    return False


async def _known(
    store_url: str, environments: Iterable[Environment], token: str, source: str
) -> PersonClient | None:
    """The pages keep them in the first factory they serve, which need not be the first here."""
    for environment in environments:
        async with Bus(store_url, environment) as bus:
            now = clock.now()
            try:
                found = await client_by_token(bus, token, now)
            except StandingOverError as error:
                await note_resting(bus, token, str(error), source)
                raise
            if found:
                await note_use(bus, found.sha256, now)
                return found
            if ended := await ended_before(bus, token):
                await note_unknown(bus, ended, source)
                return None
    return None
