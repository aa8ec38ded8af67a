"""What was once seen to fail on the whole mock factory: each asked through orders and gateway."""

import pytest

from services.common.store.keys import Stage
from tests.support.floor_work import Floor
from tests.support.processes import Processes
from tests.support.servers import Addresses

pytestmark = pytest.mark.alike

RESET = {"confirm": "RESET"}


@pytest.fixture
def floor(processes: Processes, servers: Addresses) -> Floor:
    return Floor(processes, servers).run()


def test_a_reset_right_after_the_start_and_after_parking_reaches_everything(floor: Floor) -> None:
    assert floor.done("factory-reset", **RESET).stage is Stage.EFFECT
    floor.ask("park")
    floor.ask("cloud-order", colour="WHITE")
    assert floor.done("factory-reset", **RESET).stage is Stage.EFFECT
