"""Which factories there are: those of the file that OMF_FACTORIES names, else the usual three.

Every process of a site is told the same file. It is read once; who changes it restarts.
"""

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from omf.factories import DEFAULT_FACTORIES, Factories, FactoryEntry, FactoryKind, read_factories

FACTORIES = "OMF_FACTORIES"
MAX_FACTORIES_BYTES = 1_000_000


class FactoriesError(ValueError):
    """The file cannot be used; the text names it, the line, what is wrong and how to mend it."""


class UnknownFactoryError(ValueError):
    """No factory of the site has that name; the text names those there are."""

    def __init__(self, name: str) -> None:
        told = "" if os.environ.get(FACTORIES) else f"; those of a site are named by {FACTORIES}"
        super().__init__(f"no factory is called {name!r}; there are: {', '.join(names())}{told}")


def factories() -> Factories:
    """All of them; FactoriesError."""
    return _read(os.environ.get(FACTORIES, ""))


def names() -> tuple[str, ...]:
    """Their names, in the order of the file."""
    return factories().names


def usual() -> str:
    """The one that is meant where none is named."""
    return factories().usual


def factory(name: str) -> FactoryEntry:
    """The one of that name; UnknownFactoryError."""
    if found := factories().get(name):
        return found
    raise UnknownFactoryError(name)


def kind_of(name: str) -> FactoryKind:
    """What kind the factory of that name is; UnknownFactoryError."""
    return factory(name).kind


def is_live(name: str) -> bool:
    """A real factory: whoever acts has signed in."""
    return kind_of(name) is FactoryKind.LIVE


def is_mock(name: str) -> bool:
    """A simulated factory."""
    return kind_of(name) is FactoryKind.MOCK


def is_replay(name: str) -> bool:
    """Recorded sessions are played there: what is seen has happened."""
    return kind_of(name) is FactoryKind.REPLAY


def mock_part(name: str) -> str:
    """The part that simulates a factory: `mock-training`; that of `mock` is called `mock`."""
    return name if name == FactoryKind.MOCK else f"{FactoryKind.MOCK}-{name}"


def owner_of(part: str) -> str | None:
    """Which factory a part serves, by its name: `ingest-hall-2`, `mock`; None: all, as `ui`."""
    owner = part.partition("-")[2] or (part if part == FactoryKind.MOCK else "")
    return owner if owner in names() else None


def broker_variable(name: str) -> str:
    """The variable that names the broker of one factory, e.g. `OMF_HALL_2_MQTT_URL`."""
    return f"{variable_prefix(name)}MQTT_URL"


def variable_prefix(name: str) -> str:
    """How the variables of one factory alone begin, e.g. `OMF_HALL_2_`."""
    return f"OMF_{name.upper().replace('-', '_')}_"


def told_broker(name: str) -> str:
    """The broker of a factory by its own variable, else by the file; "" where neither names it."""
    found = factories().get(name)
    return os.environ.get(broker_variable(name), "") or (found.broker if found else "")


@cache
def _read(path: str) -> Factories:
    if not path:
        return DEFAULT_FACTORIES
    try:
        with Path(path).open("rb") as file:
            source = file.read(MAX_FACTORIES_BYTES + 1)
    except OSError as error:
        raise FactoriesError(
            f"{FACTORIES}: {path}: {error.strerror}; name another or leave it out"
        ) from None
    if len(source) > MAX_FACTORIES_BYTES:
        raise FactoriesError(f"{FACTORIES}: {path}: larger than {MAX_FACTORIES_BYTES:,} bytes")
    try:
        return read_factories(source.decode())
    except UnicodeDecodeError:
        raise FactoriesError(f"{FACTORIES}: {path}: not UTF-8; save it as UTF-8") from None
    except ValueError as error:  # of a file that is refused, with line and mend
        raise FactoriesError(f"{FACTORIES}: {path}: {error}") from None


def _known(name: str) -> str:
    if name not in names():
        raise not_among(names())
    return name


def not_among(expected: Iterable[str]) -> PydanticKnownError:
    """The fault of a field that holds none of these names."""
    said = ", ".join(f"'{one}'" for one in expected)
    return PydanticKnownError("literal_error", {"expected": said})


class _KnownName:
    """Holds a text against the names there are when it is read."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_known, handler(source))

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "enum": list(names())}


Environment = Annotated[str, _KnownName]
"""The name of a factory of this site."""
