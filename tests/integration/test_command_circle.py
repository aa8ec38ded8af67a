"""The real circle: ingest, orders and gateway around the behaving factory."""

from typing import Any

import pytest

from services.common.store.keys import CommandEvent, Role, Stage
from tests.support.circle import Desk
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

SPEED = "20"


class Shop:
    """Everything running, and a desk to command it from."""

    def __init__(self, processes: Processes, servers: Addresses) -> None:
        self.desk = Desk(servers.store_url)
        settings = {**servers._asdict(), "mock_speed": SPEED}
        names = ("ingest", "orders", "gateway", "mock")
        for service in [processes.service(name, **settings) for name in names]:
            service.wait_ready(40)
        self._count = 0

    def end(self, kind: str, timeout_s: float = 40.0, **parameters: Any) -> CommandEvent:
        """Ask until the factory is far enough to take it, and return how it ended."""
        final: list[CommandEvent] = []

        def tried() -> bool:
            self._count += 1
            name = f"{kind}-{self._count}"
            asked = {"kind": kind, "parameters": parameters, "role": Role.ADMIN}
            final[:] = [self.desk.final(self.desk.order(name, **asked), timeout_s)]
            return final[0].stage is not Stage.REFUSED

        wait_for(tried, timeout_s, lambda: str(final))
        return final[0]


@pytest.fixture
def shop(processes: Processes, servers: Addresses) -> Shop:
    return Shop(processes, servers)


@pytest.mark.alike
def test_all_three_colours_are_ordered_and_made(shop: Shop) -> None:
    ends = [shop.end("production-order", colour=c) for c in ("WHITE", "RED", "BLUE")]
    assert [end.stage for end in ends] == [Stage.EFFECT] * 3
    assert all(end.order_id for end in ends)
    first = ends[0].command_id
    wait_for(lambda: len(shop.desk.events(first)) == 7, 60, lambda: str(shop.desk.events(first)))
    assert shop.desk.events(first)[-1].reasons[0].id == "course"


@pytest.mark.alike
def test_a_module_works_off_a_bracket_step_by_step(shop: Shop) -> None:
    end = shop.end("module-sequence", module="DRILL", colour="WHITE")
    assert end.stage is Stage.EFFECT
    life = shop.desk.events(end.command_id)
    assert [e.step for e in life if e.stage is Stage.QUEUED] == [0, 1, 2]
    assert len({e.order_id for e in life if e.stage is Stage.PUBLISHED}) == 1
    assert life[-1].stage is Stage.EFFECT
