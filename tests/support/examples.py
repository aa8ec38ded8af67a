"""One least and one full example of every documented message, our own, without any recording."""

import json
from pathlib import Path
from typing import Any

import yaml

from omf.messages.message import Message
from omf.topics import catalogue

EXAMPLES: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("messages.yaml").read_text(encoding="utf-8")
)
"""By entry name: `least` and `full`, as parsed JSON."""


def example(name: str, which: str) -> Message:
    """Return an example as a message on a topic of its entry."""
    topic = catalogue.find(name).topic.replace("{", "").replace("}", "")
    return Message(topic, json.dumps(EXAMPLES[name][which]).encode())
