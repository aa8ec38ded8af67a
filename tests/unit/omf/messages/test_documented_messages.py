"""Every message the protocol documents, at its least and in full, also those never recorded."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from omf.messages.base import Payload
from omf.messages.drift import unmodelled_fields
from omf.messages.reading import Reading, Rejected, parse
from omf.messages.writing import check_command, dump
from omf.topics import catalogue
from tests.support.examples import EXAMPLES, example

MODELLED = tuple(entry.name for entry in catalogue.TOPICS if entry.model)
COMMANDS = tuple(entry.name for entry in catalogue.TOPICS if entry.command)


def read(name: str, which: str) -> Payload:
    message = example(name, which)
    result = parse(message.topic, message.payload)
    assert isinstance(result, Reading), result
    return result.payload


def missing(value: Any, where: str = "") -> Iterator[str]:
    if isinstance(value, tuple):
        for item in value[:1]:
            yield from missing(item, f"{where}[]")
    if not isinstance(value, Payload):
        return
    for name in type(value).model_fields:
        if name not in value.model_fields_set:
            yield f"{where}.{name}"
        yield from missing(getattr(value, name), f"{where}.{name}")


def test_every_topic_with_a_model_has_its_examples() -> None:
    assert set(EXAMPLES) == set(MODELLED)


@pytest.mark.parametrize("name", MODELLED)
def test_the_least_a_message_can_say_is_understood(name: str) -> None:
    read(name, "least")


@pytest.mark.parametrize("name", MODELLED)
def test_a_full_message_is_understood_to_the_last_field_and_written_back(name: str) -> None:
    payload = read(name, "full")
    assert unmodelled_fields(payload) == ()
    written = json.loads(dump(payload))
    assert json.dumps(written, sort_keys=True) == json.dumps(EXAMPLES[name]["full"], sort_keys=True)


@pytest.mark.parametrize("name", [name for name in MODELLED if not name.startswith("nodered")])
def test_a_full_message_leaves_no_field_of_its_model_out(name: str) -> None:
    assert list(missing(read(name, "full"))) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_command_may_be_sent(name: str) -> None:
    message = example(name, "full")
    assert isinstance(check_command(message.topic, message.payload), Reading)


@pytest.mark.parametrize(
    "name", [name for name in COMMANDS if EXAMPLES[name]["least"] == {} and name != "ccu_set_flows"]
)
def test_a_command_without_what_the_receiver_needs_is_refused(name: str) -> None:
    assert isinstance(check_command(example(name, "least").topic, b"{}"), Rejected)
