"""Commands asked for as fast as a machine can be asked, from a process of its own.

`python -m tests.support.command_flood STORE SECONDS RATE WINDOW PEOPLE`: RATE commands a second,
whatever becomes of them; 0: as many as keep WINDOW of them unsettled. Each person asks in turn;
beside them `now and then` asks twice a second. All ask as every submitter does, by the script that
turns away what is too much. Prints how many were asked for, and how many were turned away so.
"""

import sys
import time
import uuid
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from services.common.process import clock
from services.common.store.bus import store
from services.common.store.keys import Command, Role, key
from services.common.store.submission import SUBMIT, submit_args, submit_keys

ENVIRONMENT = "mock"
TOPICS = 20
"""All of one receiver: what is in no catalogue goes out in its order."""
QUIET = "now and then"
QUIET_EVERY_S = 0.5
ROUND_S = 0.02
_ID, _WHO, _TOPIC = "00000000000000000000000000000000", "WHO-OF-IT", "TOPIC-OF-IT"


class Asked(NamedTuple):
    """How many commands were asked for."""

    commands: int
    turned_away: int
    """By the script that submits; the others have an entry."""


class Wish(NamedTuple):
    """One command, as its JSON."""

    command_id: str
    who: str
    body: str


def template() -> Command:
    """A free message, with marks for what differs."""
    return Command(
        command_id=_ID,
        kind="free-message",
        parameters={"topic": _TOPIC, "payload": _ID},
        environment=ENVIRONMENT,
        operator=_WHO,
        role=Role.ADMIN,
        created_at=1.0,
    )


class Submitter:
    """Asks for many commands in one go, each by the script of its own."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._script = client.script_load(SUBMIT)
        self._sample, *self._rest = submit_args(template())

    def wish(self, who: str, number: int) -> Wish:
        """The next command of a person."""
        name = uuid.uuid4().hex
        said = self._sample.replace(_ID, name).replace(_WHO, who)
        said = said.replace(_TOPIC, f"bench/lamp/{number % TOPICS}")
        said = said.replace('"created_at":1.0', f'"created_at":{clock.now()}')
        return Wish(name, who, said)

    def wishes(self, people: int) -> Iterator[Wish]:
        """Commands without end, of one person after the other."""
        number = 0
        while True:
            yield self.wish(f"person {number % people}", number)
            number += 1

    def ask(self, wishes: Iterable[Wish]) -> Asked:
        """Submit them all."""
        with self._client.pipeline(transaction=False) as pipe:
            for wish in wishes:
                keys = submit_keys(_full, wish.command_id)
                who = wish.who, *self._rest[1:]
                pipe.evalsha(self._script, len(keys), *keys, wish.body, *who)
            answers = pipe.execute()
        return Asked(len(answers), sum(said == b"busy" for said, _ in answers))


def _full(name: str) -> str:
    return key(ENVIRONMENT, name)


def flood(client: Any, seconds: float, rate: float, window: int, people: int) -> Asked:
    """Ask for so long."""
    submitter, began, quiet_at = Submitter(client), time.monotonic(), 0.0
    wishes, asked, turned_away = submitter.wishes(people), 0, 0
    before = _settled(client)
    while (at := time.monotonic() - began) < seconds:
        due = int(at * rate) if rate else _settled(client) - before + turned_away + window
        round_of = list(islice(wishes, max(0, due - asked)))
        asked = max(asked, due)
        if rate and at >= quiet_at:
            quiet_at += QUIET_EVERY_S
            round_of.append(submitter.wish(QUIET, asked))
        turned_away += submitter.ask(round_of).turned_away
        time.sleep(ROUND_S)
    return Asked(asked, turned_away)


def _settled(client: Any) -> int:
    """Receipts so far: two of each command that went out."""
    try:
        return int(client.xinfo_stream(_full("receipts"))["entries-added"]) // 2
    except Exception:  # noqa: BLE001 - no receipt was ever written
        return 0


def main(store_url: str, seconds: float, rate: float, window: int, people: int) -> None:
    """Ask, and say how many were asked for and how many turned away."""
    found = flood(store(store_url), seconds, rate, window, people)
    sys.stdout.write(f"{found.commands} {found.turned_away}\n")


if __name__ == "__main__":
    url, *numbers = sys.argv[1:]
    main(url, float(numbers[0]), float(numbers[1]), int(numbers[2]), int(numbers[3]))
