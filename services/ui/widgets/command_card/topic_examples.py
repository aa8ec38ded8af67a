"""Topics of the catalogue on the card of a free message, each with an example."""

import re
from collections.abc import Callable
from typing import Any

from nicegui import ui

from omf.topics import catalogue
from omf.topics.catalogue import Topic
from omf.topics.examples import example
from services.ui.live.screen import Screen
from services.ui.widgets.elements import attribute, text

_LEVEL = re.compile(r"\{(\w+)\}")
_NO_DEVICE = "SERIAL"
"""Stands for a serial number where the factory has named none yet."""


def topic_examples(screen: Screen, take: Callable[[dict[str, Any]], None]) -> None:
    """Draw the choice; `take` gets topic and payload, of what an operator may send first."""
    say = screen.say
    known = sorted(catalogue.TOPICS, key=lambda entry: (not entry.command, entry.topic))
    options = {entry.name: f"{entry.topic} · {say.either(entry.text)}" for entry in known}
    label = say("free.example")
    text(label, "hint")
    chosen = ui.select(options, with_input=True).classes("field wide")
    chosen.props("dense outlined square").mark("topic-example")
    attribute(chosen, "aria-label", label)

    def fill(name: str | None) -> None:
        if name:
            entry = catalogue.find(name)
            take({"topic": _topic(screen, entry), "payload": _payload(screen, entry)})

    chosen.on_value_change(lambda event: fill(event.value))


def _topic(screen: Screen, entry: Topic) -> str:
    """The address of a device that is here."""
    serial = _device(screen, entry)
    return _LEVEL.sub(lambda level: serial if level[1] == "serial" else level[1], entry.topic)


def _payload(screen: Screen, entry: Topic) -> str:
    """The example, about the device it is for."""
    serial = _device(screen, entry)
    said = example(entry.name)
    return re.sub(r'("serialNumber": )"[^"]*"', rf'\1"{serial}"', said) if serial else said


def _device(screen: Screen, entry: Topic) -> str:
    if "{serial}" not in entry.topic:
        return ""
    factory = screen.model.factory
    known = factory.vehicles if entry.category == "vehicle" else factory.modules
    return next(iter(known), _NO_DEVICE)
