"""What goes wrong with a whole server, process or clock, one thing after the other."""

import asyncio
from collections.abc import Callable
from functools import partial

from tests.simulation.faults import CUT_S, FROZEN_S
from tests.simulation.system import SimulatedSystem

RESTART_S = (0.1, 4.0)
AWAY_S = (4.0, 16.0)
LONG_AWAY_S = (9.0, 16.0)
"""Longer than a command is good for."""
TROUBLE_S = (0.3, 5.0)
BEFORE_RETURN_S = 0.2


async def trouble(system: SimulatedSystem) -> None:
    """Now and then a server goes, a process stands still, or somebody sets the clock."""
    dice = system.dice
    troubles: dict[str, Callable[[], None]] = {
        "store": lambda: system.network.restart(dice.between(*RESTART_S)),
        "broker": lambda: system.broker.restart(dice.between(*RESTART_S)),
        "device": lambda: system.floor.lose(dice.between(*RESTART_S)),
        "clock": lambda: system.set_clock(dice.clock_step_s()),
        "kill": lambda: system.some_process().crash(),
        "away": lambda: system.some_process().crash(dice.between(*AWAY_S)),
        "freeze": lambda: system.some_process().freeze(dice.between(*FROZEN_S)),
        "cut": lambda: system.network.cut(system.some_process().name, dice.between(*CUT_S)),
        "upkeep": partial(_upkeep, system),
    }
    while True:
        await asyncio.sleep(dice.between(*TROUBLE_S))
        troubles[dice.pick(*troubles)]()


def _upkeep(system: SimulatedSystem) -> None:
    """A process is stopped for long, and the clock is put right before it is started again."""
    away_s = system.dice.between(*LONG_AWAY_S)
    process = system.processes["gateway"] if system.dice.hits(0.5) else system.some_process()
    process.crash(away_s)
    step_s = system.dice.clock_step_s()
    asyncio.get_running_loop().call_later(away_s - BEFORE_RETURN_S, system.set_clock, step_s)
