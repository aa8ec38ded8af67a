"""Commands asked for as fast as a machine can be asked, from a process of its own.

`python -m tests.support.command_flood STORE SECONDS RATE WINDOW PEOPLE`: RATE commands a second,
whatever becomes of them; 0: as many as keep WINDOW of them unsettled. Each person asks in turn;
beside them `now and then` asks twice a second. Prints how many were asked for.
"""

import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any

from services.common.process import clock
from services.common.store.bus import store
from services.common.store.entries import DATA
from services.common.store.keys import Command, Role, key

ENVIRONMENT = "mock"
TOPICS = 20
"""As many receivers."""
QUIET = "now and then"
QUIET_EVERY_S = 0.5
ROUND_S = 0.02
_ID, _WHO, _TOPIC = "00000000000000000000000000000000", "WHO-OF-IT", "TOPIC-OF-IT"


def template() -> str:
    """A free message as JSON, with marks for what differs."""
    return Command(
        command_id=_ID,
        kind="free-message",
        parameters={"topic": _TOPIC, "payload": _ID},
        environment=ENVIRONMENT,
        operator=_WHO,
        role=Role.ADMIN,
        created_at=1.0,
    ).model_dump_json()


def bodies(people: int) -> Iterator[str]:
    """Commands without end, each with its own id, of one person after the other."""
    sample, number = template(), 0
    while True:
        yield _filled(sample, f"person {number % people}", number)
        number += 1


def _filled(sample: str, who: str, number: int) -> str:
    said = sample.replace(_ID, uuid.uuid4().hex).replace(_WHO, who)
    said = said.replace(_TOPIC, f"bench/lamp/{number % TOPICS}")
    return said.replace('"created_at":1.0', f'"created_at":{clock.now()}')


def flood(client: Any, seconds: float, rate: float, window: int, people: int) -> int:
    """Ask for so long; the number asked for."""
    wanted, began, asked, quiet_at = bodies(people), time.monotonic(), 0, 0.0
    before = _settled(client)
    while (at := time.monotonic() - began) < seconds:
        due = int(at * rate) if rate else _settled(client) - before + window
        with client.pipeline(transaction=False) as pipe:
            for _ in range(due - asked):
                pipe.xadd(key(ENVIRONMENT, "commands"), {DATA: next(wanted)})
            if rate and at >= quiet_at:
                quiet_at += QUIET_EVERY_S
                body = _filled(template(), QUIET, asked)
                pipe.xadd(key(ENVIRONMENT, "commands"), {DATA: body})
            pipe.execute()
        asked = max(asked, due)
        time.sleep(ROUND_S)
    return asked


def _settled(client: Any) -> int:
    """Receipts so far: two of each command that went out."""
    try:
        return int(client.xinfo_stream(key(ENVIRONMENT, "receipts"))["entries-added"]) // 2
    except Exception:  # noqa: BLE001 - no receipt was ever written
        return 0


def main(store_url: str, seconds: float, rate: float, window: int, people: int) -> None:
    """Ask, and say how many were asked for."""
    sys.stdout.write(f"{flood(store(store_url), seconds, rate, window, people)}\n")


if __name__ == "__main__":
    url, *numbers = sys.argv[1:]
    main(url, float(numbers[0]), float(numbers[1]), int(numbers[2]), int(numbers[3]))
