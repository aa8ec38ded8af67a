"""Several commands asked for together: each is given after the effect of the one before. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from services.common.store.keys import FINAL_STAGES, Stage
from services.ui.live.command_log import CommandLog

Turn = Literal["next", "wait", "stopped", "done"]


class BatchEntry(NamedTuple):
    """A kind with its parameters, and what is to follow if it does not go as it should."""

    kind: str
    given: Mapping[str, Any]
    patient: bool = False
    """It waits until nothing stands against it any more."""
    optional: bool = False
    """Whatever stands against it or comes of it, the next one follows."""


@dataclass(frozen=True, slots=True)
class Item:
    """One command of a batch; its id is made with it, so handed in twice it is the same command."""

    wish: BatchEntry
    id: str


def items(wishes: Sequence[BatchEntry], new_id: Callable[[], str]) -> tuple[Item, ...]:
    """The commands of a batch, in the order they will be given."""
    return tuple(Item(wish, new_id()) for wish in wishes)


def turn(
    batch: Sequence[Item], handed: int, log: CommandLog, skipped: Collection[str] = ()
) -> Turn:
    """What follows once the first `handed` commands are with orders, or were `skipped`.

    Whatever ends otherwise than by its effect stops the rest: what was meant to come after it may
    no longer be what anybody wants.
    """
    if handed == 0:
        return "next"
    last = batch[handed - 1]
    ended = Stage.EFFECT if last.id in skipped else end(last, log)
    if ended is None:
        return "wait"
    if ended is not Stage.EFFECT and not last.wish.optional:
        return "stopped"
    return "done" if handed == len(batch) else "next"


def end(item: Item, log: CommandLog) -> Stage | None:
    """The stage in which a command ended; None while it is under way or was never asked for."""
    record = log.get(item.id)
    stages = [event.stage for event in record.events] if record else []
    return next((stage for stage in stages if stage in FINAL_STAGES), None)
