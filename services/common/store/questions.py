"""Several questions to the store in one write: whoever asks waits once."""

from collections.abc import Sequence
from typing import Any

from services.common.store.bus import Bus, StoreError, answer_or_none
from services.common.store.fence import READS


async def ask_together(bus: Bus, *asked: Sequence[Any]) -> list[Any]:
    """The answers of commands that only read, in order; None for a key that is not there.

    One after the other in a cluster, whose keys may be on their way. StoreError: it is away.
    """
    if any(str(words[0]).split()[0] not in READS for words in asked):
        raise ValueError(f"what writes is checked by itself: {asked}")
    if together := getattr(bus.client, "read_together", None):
        return [answer_or_none(answer) for answer in await bus.call(together(asked))]
    return [await _answer(bus, words) for words in asked]


async def _answer(bus: Bus, words: Sequence[Any]) -> Any:
    try:
        return await bus.call(bus.client.execute_command(*words))
    except StoreError as error:
        return answer_or_none(error.__cause__)
