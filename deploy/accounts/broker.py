"""Accounts of a broker: who may publish and who may hear which topic, from the catalogue.

Of what an operator may send, the gateway is the only writer beside the factory itself: the CCU
sends orders to modules and vehicles too. Ingest hears everything and says only that it is there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from omf.topics.broker_figures import BROKER_FIGURES
from omf.topics.catalogue import TOPICS, Topic

HEAD = """\
# Who may publish and hear what. Made by `python -m deploy.accounts acl`; do not edit.
# What is not named here is denied. The broker's figures ($SYS) are for `monitor`, some for ingest.
"""
STATE = "omf/+/ingest/#"
"""Where each ingest says that it came or went (`OMF_ANNOUNCE`)."""
FACTORY = {
    "ccu": ("CCU",),
    "nodered": ("Node-RED",),
    "txt": ("TXT controller", "DPS", "AIQS"),
    "arduino": ("Arduino",),
    "extension": ("site extension",),
}
"""Accounts of the factory's own programs, and how the catalogue calls them."""
VEHICLE = "FTS"
MOCK = "mock"


class BrokerAccount(NamedTuple):
    """What one account may publish and hear."""

    writes: tuple[str, ...]
    reads: tuple[str, ...]


def _names(text: str) -> set[str]:
    return {name.strip() for name in text.split(",")}


def _where(wanted: Callable[[Topic], bool]) -> tuple[str, ...]:
    return tuple(sorted({topic.pattern for topic in TOPICS if wanted(topic)}))


def _program(names: Sequence[str]) -> BrokerAccount:
    own = set(names)
    return BrokerAccount(
        _where(lambda topic: bool(_names(topic.publisher) & own)),
        _where(lambda topic: bool(_names(topic.subscriber) & own)),
    )


def commands() -> tuple[str, ...]:
    """Topics the gateway publishes on: the allow-list of the catalogue."""
    return _where(lambda topic: topic.command)


def accounts() -> dict[str, BrokerAccount]:
    """Everybody by name."""
    devices = [name for names in FACTORY.values() for name in names]
    return {
        "ingest": BrokerAccount((STATE,), ("#", *BROKER_FIGURES)),
        "gateway": BrokerAccount(commands(), ()),
        "monitor": BrokerAccount((), ("$SYS/#",)),
        # The behaving factory and the session station stand in for all of its programs at once.
        "mock": BrokerAccount(_program([*devices, VEHICLE, MOCK]).writes, ("#",)),
        "station": BrokerAccount(("#",), ()),
        **{name: _program(names) for name, names in FACTORY.items()},
    }


def device(serial: str) -> BrokerAccount:
    """A module or vehicle with a login of its own: its own subtree and nothing beside it."""
    own = [t for t in TOPICS if "{serial}" in t.topic and t.topic.startswith(("module/", "fts/"))]

    def at(topics: Iterable[Topic]) -> tuple[str, ...]:
        return tuple(topic.topic.replace("{serial}", serial) for topic in topics)

    inner = [topic for topic in own if topic.direction == "internal"]
    said = [topic for topic in own if topic.direction == "from_factory"]
    heard = [topic for topic in own if topic.direction == "to_factory"]
    return BrokerAccount(
        at([*said, *(topic for topic in inner if topic.publisher != "Node-RED")]),
        at([*heard, *(topic for topic in inner if topic.publisher == "Node-RED")]),
    )


def acl(devices: Sequence[str] = ()) -> str:
    """The broker's file of rights."""
    every = accounts() | {serial: device(serial) for serial in devices}
    return HEAD + "".join(f"\nuser {name}\n{_lines(account)}" for name, account in every.items())


def _lines(account: BrokerAccount) -> str:
    def lines() -> Iterator[str]:
        for access, topics in (("write", account.writes), ("read", account.reads)):
            yield from (f"topic {access} {topic}\n" for topic in topics)

    return "".join(lines())


def bridge() -> str:
    """The lines of a bridge that let out what an operator may send to a real factory."""
    out = _where(lambda topic: topic.command and topic.publisher != MOCK != topic.subscriber)
    return "".join(f"topic {topic} out 2\n" for topic in out)
