"""What must be true at the end between orders and gateway: each step once, each outcome once."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from services.common.store.keys import FINAL_STAGES, Outgoing, Receipt, ReceiptStage, Stage
from tests.simulation.contents import StoreContents
from tests.simulation.people import SimulatedPerson


def handed_over(store: StoreContents, people: Sequence[SimulatedPerson]) -> Iterator[str]:
    """Every step told as queued is in the outbox, and its outcome was told, and told as it was."""
    outbox: dict[str, list[Outgoing]] = defaultdict(list)
    for outgoing in store.models("outbox", Outgoing):
        outbox[outgoing.command_id].append(outgoing)
    told: dict[str, list[ReceiptStage]] = defaultdict(list)
    for receipt in store.models("receipts", Receipt):
        told[receipt.outbox_id].append(receipt.stage)
    for person in people:
        for command_id in person.asked:
            stages = [event.stage for event in store.life(command_id)]
            steps = outbox[command_id]
            if (queued := stages.count(Stage.QUEUED)) != len(steps):
                yield f"{command_id} has {queued} steps queued and {len(steps)} handed over"
            if steps:
                yield from _doubted(command_id, stages, told[steps[-1].outbox_id])
    for each in outbox.values():
        yield from (said for one in each for said in _receipts(one, told[one.outbox_id]))


def _receipts(outgoing: Outgoing, told: Sequence[ReceiptStage]) -> Iterator[str]:
    """One outcome each; begun once at most, and what may not be done twice not without a note."""
    times = Counter(told)
    attempts = times.pop(ReceiptStage.ATTEMPTED, 0)
    if attempts > 1:
        yield f"{outgoing.outbox_id} was begun {attempts} times as if it were the first"
    if times.total() != 1:
        yield f"{outgoing.outbox_id} has these outcomes: {[one.value for one in times.elements()]}"
    if times[ReceiptStage.ACKNOWLEDGED] and not attempts:
        yield f"{outgoing.outbox_id} was acknowledged and never begun"


def _doubted(
    command_id: str, stages: Sequence[Stage], told: Sequence[ReceiptStage]
) -> Iterator[str]:
    """Nobody is told that nothing happened when nobody knows."""
    ends = [stage for stage in stages if stage in FINAL_STAGES]
    if ReceiptStage.UNKNOWN in told and Stage.NO_EFFECT in ends:
        yield f"{command_id} was told as without effect, and whether it was sent is not known"
