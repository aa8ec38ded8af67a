"""One least and one full example of every documented message, our own, without any recording."""

import json

from omf.messages.message import Message
from omf.topics import catalogue
from omf.topics.examples import examples

EXAMPLES = examples()
"""By entry name: `least` and `full`, as parsed JSON."""


def example(name: str, which: str) -> Message:
    """Return an example as a message on a topic of its entry."""
    topic = catalogue.find(name).topic.replace("{", "").replace("}", "")
    return Message(topic, json.dumps(EXAMPLES[name][which]).encode())
