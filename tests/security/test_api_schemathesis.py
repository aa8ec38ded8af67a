"""The OpenAPI document taken at its word: what it allows or forbids, the door keeps its form."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from services.common.store.keys import Role
from tests.support.api import Door
from tests.support.processes import Processes

pytestmark = pytest.mark.alike

EXAMPLES = 25
CLIENTS = 40
"""One client may give ten commands a second; forty keep that out of the way."""
TIMEOUT_S = 10
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
"""Not `positive_data_acceptance`: no schema says which kinds exist or which filters MQTT allows."""
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@pytest.fixture
def door(processes: Processes, store_url: str) -> Iterator[Door]:
    door = Door(processes, store_url)
    for number in range(CLIENTS):
        door.grant(f"fuzz-{number}", Role.ADMIN)
    yield door.ready()
    door.close()


@pytest.fixture
def tokens(door: Door) -> Iterator[str]:
    return cycle(token for name, token in door.tokens.items() if name.startswith("fuzz-"))


def operations(door: Door) -> list[APIOperation]:
    document = requests.get(f"{door.address}/api/v1/openapi.json", timeout=TIMEOUT_S).json()
    for path in document["paths"].values():
        for operation in path.values():
            # A token is always sent here; that one is needed is proven in test_api_access.
            operation.pop("security")
    schema: OpenApiSchema = schemathesis.openapi.from_dict(document)
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_every_answer_is_one_the_document_promises(
    door: Door, tokens: Iterator[str], mode: GenerationMode
) -> None:
    asked = [found for found in operations(door) if not found.path.endswith("/stream")]
    assert len(asked) == 33
    for operation in asked:
        # Nothing can be asked wrong where nothing is asked for.
        if mode is GenerationMode.POSITIVE or not operation.path.endswith("/kinds"):
            bounded(operation, mode, lambda case: validate(case, door, next(tokens)))


def test_every_stream_opens_or_says_why_not(door: Door, tokens: Iterator[str]) -> None:
    streams = [found for found in operations(door) if found.path.endswith("/stream")]
    assert len(streams) == 2
    for operation in streams:
        for mode in MODES:
            bounded(operation, mode, lambda case: opens(case, door, next(tokens)))


def bounded(operation: APIOperation, mode: GenerationMode, check: Any) -> None:
    """Try examples of one operation, the same ones in every run."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Case) -> None:
        check(case)

    run()


def validate(case: Case, door: Door, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    case.call_and_validate(base_url=door.address, headers=headers, checks=CHECKS, timeout=TIMEOUT_S)


def opens(case: Case, door: Door, token: str) -> None:
    """The head is all that is read: a stream has no end."""
    sent = case.as_transport_kwargs(base_url=door.address)
    sent["headers"] = {**sent.get("headers", {}), "Authorization": f"Bearer {token}"}
    with requests.request(**sent, stream=True, timeout=TIMEOUT_S) as answer:
        kind = answer.headers["content-type"].partition(";")[0]
        good = (200, "text/event-stream")
        assert (answer.status_code, kind) == good or kind == "application/problem+json"
        assert answer.status_code < 500
