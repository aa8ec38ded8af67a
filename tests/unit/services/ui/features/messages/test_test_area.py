"""The test area, and who sent a message: what is known, what is inferred, what nobody can say."""

import base64
import json

import pytest
from nicegui import ui

from omf.messages.message import Message
from omf.topics import catalogue
from services.common.store.keys import CommandEvent, Stage
from services.common.store.own_publishes import OwnPublishes
from services.ui.live.message_filter import MessageFilter
from services.ui.translator import Translator
from services.ui.views import message_rows
from tests.support.ui_pages import HBW, NOW, Pages

SAY = Translator("en")


def message(topic: str, payload: bytes = b"{}") -> Message:
    return Message(topic, payload, id=f"{int(NOW * 1000)}-0")


def published(topic: str, payload: str) -> OwnPublishes:
    own = OwnPublishes()
    own.hear(
        CommandEvent(
            command_id="c",
            kind="free-message",
            stage=Stage.PUBLISHED,
            at=NOW,
            topic=topic,
            payload=payload,
        )
    )
    return own


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("ccu/order/active", "CCU (inferred from the topic)"),
        ("nobody/knows", "unknown, the broker names none"),
    ],
)
def test_a_sender_is_inferred_from_the_topic_and_marked_or_unknown(topic: str, words: str) -> None:
    found = message_rows.sender(message(topic))
    assert words in message_rows.sender_words(found, SAY)


def test_what_we_sent_is_known_and_can_be_looked_for_alone() -> None:
    own = published("nobody/knows", "{}")
    mine, other = message("nobody/knows"), message("nobody/knows", b"[]")
    assert (
        message_rows.sender_words(message_rows.sender(mine, own), SAY) == "Sender: this dashboard"
    )
    look = MessageFilter(way="ours")
    assert look.takes(mine, own.of)
    assert not look.takes(other, own.of)
    assert not look.takes(message("ccu/order/request"), own.of)


@pytest.mark.parametrize("entry", catalogue.TOPICS, ids=lambda entry: entry.name)
def test_every_topic_of_the_catalogue_has_a_sender(entry: catalogue.Topic) -> None:
    topic = entry.topic.replace("{", "").replace("}", "")
    found = message_rows.sender(message(topic))
    assert found is not None
    assert found.who


def test_a_topic_is_shown_by_its_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = catalogue.find("ccu_state_log")

    def ruled(rule: str, payload: bytes) -> tuple[str, bool]:
        changed = entry.model_copy(update={"content": rule})
        monkeypatch.setattr(catalogue, "of", lambda _: changed)
        found, named, fits = message_rows.ruled(entry.topic, payload)
        assert named == rule
        return found.pretty, fits

    assert ruled("json", b'{"a":1}') == ('{\n  "a": 1\n}', True)
    assert ruled("json", b"words") == ("words", False)
    assert ruled("text", b'{"a":1}') == ('{"a":1}', True)
    assert ruled("base64", base64.b64encode(b"AB\0"))[0].startswith("0000  41 42 00")
    assert ruled("base64", b"no base64!") == ("no base64!", False)
    assert ruled("hex", b"AB")[0].startswith("0000  41 42")


def test_a_topic_nobody_knows_has_no_rule() -> None:
    assert message_rows.ruled("nobody/knows", b"\xff\xd8")[1:] == ("", True)


@pytest.mark.parametrize("payload", [b"", b"\0\xff", b"{}", "ü".encode()])
def test_every_payload_can_be_taken_as_base64(payload: bytes) -> None:
    assert base64.b64decode(message_rows.packed(payload)) == payload


async def test_a_topic_that_is_chosen_brings_an_example_about_a_device_that_is_here(
    pages: Pages,
) -> None:
    pages.factory.online(HBW)
    await pages.user.open("/mock/steering/free?kind=free-message")
    (chosen,) = pages.user.find(marker="topic-example").elements
    assert isinstance(chosen, ui.select)
    chosen.set_value("module_order")
    (topic,) = pages.user.find(marker="field-topic").elements
    (payload,) = pages.user.find(marker="field-payload").elements
    assert topic.value == f"module/v1/ff/{HBW}/order"
    assert json.loads(payload.value)["serialNumber"] == HBW


async def test_a_message_can_be_copied_and_says_its_sender(pages: Pages) -> None:
    pages.factory.online(HBW)
    await pages.user.open("/mock/messages")
    (heard,) = pages.factory.heard
    message_id = f"{heard.id[:-1]}1"
    await pages.user.open(f"/mock/messages?message={message_id}")
    await pages.user.should_see("Copy payload")
    await pages.user.should_see("inferred from the topic")
    await pages.user.should_see("Base64")
