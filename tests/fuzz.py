"""Throws mutated real payloads at the language: `python -m tests.fuzz [--count N] [--seed N]`.

Nothing may leave `omf` as an exception, whatever arrives, and 99 of 100 messages are dealt with
within five milliseconds of work each. Exit 0 when both hold.
"""

import argparse
import json
import sys
import time
import traceback
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from random import Random
from typing import NamedTuple

from omf.messages.message import Message
from omf.messages.writing import check_command
from omf.state import FactoryState
from omf.topics import catalogue
from tests.bench.needs import recordings
from tests.support.examples import EXAMPLES, example
from tests.support.mutation import mutate
from tests.support.shared import RECORDINGS, recording

P99_LIMIT_MS = 5.0
FULL_RUN = 1_000_000
MOST_OF_A_KIND = 40
"""Different payloads kept per topic pattern, so that the rare ones get their share."""
REPORT_EVERY = 100_000
LOOK_EVERY = 2_000
"""Messages after which the state is looked at, saved and brought back."""


class Found(NamedTuple):
    """What a run found; `crashes` is empty when the language holds."""

    count: int
    outcomes: Counter[str]
    crashes: list[str]
    p99_ms: float
    slowest_ms: float


def corpus() -> list[list[Message]]:
    """Return different messages, documented and recorded, grouped by topic pattern."""
    groups: dict[str, dict[bytes, Message]] = defaultdict(dict)
    documented = (example(name, which) for name in EXAMPLES for which in ("least", "full"))
    for message in chain(documented, *map(recording, RECORDINGS)):
        entry = catalogue.of(message.topic)
        group = groups[entry.pattern if entry else message.topic]
        if len(group) < MOST_OF_A_KIND:
            group.setdefault(message.payload, message)
    return [list(group.values()) for group in groups.values()]


def mutants(random: Random, groups: Sequence[Sequence[Message]]) -> Iterator[Message]:
    """Yield damaged messages without end; some arrive on the topic of another."""
    arrived_ms = 0
    while True:
        message = random.choice(random.choice(groups))
        topic = random.choice(random.choice(groups)).topic if random.random() < 0.1 else message[0]
        arrived_ms += random.randrange(1_000)
        yield Message(topic, mutate(random, message.payload), f"{arrived_ms}-0")


def meet(state: FactoryState, message: Message) -> int:
    """Read and fold a message as every service does; return the nanoseconds of work it took.

    The processor's time, not the wall's: what other programs did meanwhile is no finding.
    """
    began = time.thread_time_ns()
    state.apply(message, message.received_at)
    return time.thread_time_ns() - began


def look(state: FactoryState, now: float) -> FactoryState:
    """View the state and bring it back from its snapshot, both through strict JSON."""
    json.dumps(state.view(now), allow_nan=False)
    saved = json.dumps(state.snapshot(), allow_nan=False)
    restored = FactoryState.restore(json.loads(saved))
    if json.dumps(restored.snapshot(), allow_nan=False) != saved:
        raise AssertionError("the snapshot of a restored state is another one")
    return restored


def run(count: int, seed: int) -> Found:
    """Throw `count` mutants of this seed at the language."""
    took_ns = array("q")
    outcomes: Counter[str] = Counter()
    crashes: list[str] = []
    state = FactoryState()
    source = mutants(Random(seed), corpus())  # noqa: S311 - damage is to be repeatable
    for number, message in enumerate(islice(source, count), 1):
        try:
            took_ns.append(meet(state, message))
            outcomes[type(check_command(message.topic, message.payload)).__name__] += 1
            if number % LOOK_EVERY == 0:
                state = look(state, message.received_at)
        except Exception:  # noqa: BLE001 - any exception at all is the finding
            crashes.append(f"{message.topic} {message.payload[:200]!r}\n{traceback.format_exc()}")
        if number % REPORT_EVERY == 0:
            sys.stderr.write(f"{number} thrown, {len(crashes)} crashes\n")
    ranked = sorted(took_ns)
    return Found(count, outcomes, crashes, ranked[len(ranked) * 99 // 100] / 1e6, ranked[-1] / 1e6)


def main() -> int:
    """Run and print what was found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=FULL_RUN)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    if lacking := recordings().missing():
        sys.stderr.write(f"only documented payloads are mutated, for {lacking}\n")
    found = run(chosen.count, chosen.seed)
    sys.stdout.write(
        f"{found.count} mutants, seed {chosen.seed}: {dict(found.outcomes)}\n"
        f"{len(found.crashes)} exceptions, p99 {found.p99_ms:.3f} ms, "
        f"slowest {found.slowest_ms:.1f} ms\n"
    )
    for crash in found.crashes[:5]:
        sys.stdout.write(f"\n{crash}\n")
    return 0 if not found.crashes and found.p99_ms <= P99_LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
