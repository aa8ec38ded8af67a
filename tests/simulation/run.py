"""One run: a seed decides who asks for what, when, and everything that goes wrong."""

import asyncio
import gc
import hashlib
import logging
import time
from collections.abc import Collection
from functools import cache
from typing import NamedTuple

from tests.simulation.faults import Dice, Journal
from tests.simulation.invariants import all_mirrored, violations
from tests.simulation.people import SimulatedPerson
from tests.simulation.process import SimulatedProcess, task_factory
from tests.simulation.system import ROLES, SimulatedSystem
from tests.simulation.troubles import trouble
from tests.simulation.virtual_time import HostClock, VirtualLoop
from tests.simulation.witness import Witness

PEOPLE = ("anna", "bert")
SETTLE_S = 2.0
BUSY_S = 6.0
ENDED_LOOK_S = 0.25
END_S = 90.0
"""In this time every command ends once nothing goes wrong any more."""


class Outcome(NamedTuple):
    """What a run showed."""

    seed: int
    found: list[str]
    """What must never be and was; empty when all is well."""
    commands: int
    questions: int
    """To the store: at each of them and its answer something else could have come first."""
    crashes: int
    virtual_s: float
    digest: str
    """Of all that happened: the same for the same seed."""
    journal: list[str]
    worked_s: float = 0.0
    """Of processor."""


def run(seed: int, *, busy_s: float = BUSY_S) -> Outcome:
    """Run a seed to its end and judge it."""
    logging.disable(logging.CRITICAL)
    began = time.process_time()
    # What is collected when depends on what ran before; whatever it ends must not end by chance.
    gc.collect()
    _keep_program()
    gc.disable()
    loop = VirtualLoop()
    loop.set_task_factory(task_factory)
    host = HostClock(loop)
    asyncio.set_event_loop(loop)
    try:
        with host.worn():
            outcome = loop.run_until_complete(_run(seed, host, busy_s))
            return outcome._replace(worked_s=time.process_time() - began)
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        gc.enable()


@cache
def _keep_program() -> None:
    """What is here before the first run is the program: not looked through again."""
    gc.freeze()


async def _run(seed: int, host: HostClock, busy_s: float) -> Outcome:
    loop = asyncio.get_running_loop()
    dice, journal = Dice(seed), Journal(loop.time)
    beside = dice.pick(*ROLES, "gateway", "gateway", "", "")
    system = SimulatedSystem(dice, journal, host, leased=dice.hits(0.3), beside=beside)
    witness = Witness(system)
    people = [SimulatedPerson(name, dice, journal) for name in PEOPLE]
    with system.worn():
        everybody = [
            *system.processes.values(),
            *(SimulatedProcess(one.name, one.live, dice, journal) for one in people),
        ]
        tasks = [asyncio.create_task(one.run()) for one in system.processes.values()]
        system.floor.open()
        # In some runs people ask before anybody could answer.
        await asyncio.sleep(dice.between(0.0, 2 * SETTLE_S))
        tasks += [asyncio.create_task(one.run()) for one in everybody[len(system.processes) :]]
        tasks.append(asyncio.create_task(trouble(system)))
        await asyncio.sleep(busy_s)
        tasks.pop().cancel()
        system.heal()
        for person in people:
            person.done = True
        await _until_ended(people, witness, system.processes.values())
        system.floor.close()
        await _until_mirrored(system)
        await asyncio.sleep(SETTLE_S)
        found = list(dict.fromkeys((*witness.found, *violations(system, people))))
        for task in tasks:
            task.cancel()
        for one in everybody:
            await one.stop()
    digest = hashlib.sha256("\n".join(journal.lines).encode()).hexdigest()
    return Outcome(
        seed=seed,
        found=found,
        commands=sum(len(person.asked) for person in people),
        questions=system.network.questions,
        crashes=sum(one.crashes for one in everybody),
        virtual_s=loop.time(),
        digest=digest,
        journal=journal.lines,
    )


async def _until_ended(
    people: list[SimulatedPerson], witness: Witness, processes: Collection[SimulatedProcess]
) -> None:
    """Every command has its end, and whoever crashed is back."""
    for _ in range(int(END_S / ENDED_LOOK_S)):
        ended = all(person.waits_for_nothing for person in people) and witness.all_handled()
        if ended and all(process.lives for process in processes):
            return
        await asyncio.sleep(ENDED_LOOK_S)


async def _until_mirrored(system: SimulatedSystem) -> None:
    """A store that was away until now, or that forgot, has what came meanwhile a little later."""
    for _ in range(int(END_S / ENDED_LOOK_S)):
        if all_mirrored(system):
            return
        await asyncio.sleep(ENDED_LOOK_S)
