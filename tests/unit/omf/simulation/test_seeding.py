"""Where the CCU and the devices have not told the same yet, a simulation goes on all the same."""

from omf.simulation.device import message
from omf.simulation.simulation import seeded
from tests.support.same_future import STAMP, RunningMock


def test_a_drive_the_list_calls_begun_and_no_vehicle_was_told_is_sent_again() -> None:
    mock = RunningMock(3, 1, {"RED": 2})
    body = {"type": "RED", "timestamp": STAMP, "orderType": "PRODUCTION"}
    before = mock.foresee().vehicles["5iO4"].state.last_node
    mock.router.publish(message("ccu_order_request", body))
    mock.router.run(0.003)
    vehicle = mock.state.vehicles["5iO4"]
    vehicle.ordered, vehicle.path = None, ()
    order = next(iter(mock.state.orders.values()))
    order.vehicle = None
    assert (order.steps[0].state, vehicle.last_node) == ("IN_PROGRESS", before)
    simulation = seeded(mock.state, mock.router.now.wall)
    simulation.router.run(600)
    assert [one.state for one in simulation.ccu.book.completed] == ["FINISHED"]
