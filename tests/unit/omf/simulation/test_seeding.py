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


def test_it_may_begin_between_any_two_lists_of_the_control_unit() -> None:
    mock = RunningMock(3, 1, {"RED": 2})
    body = {"type": "RED", "timestamp": STAMP, "orderType": "PRODUCTION"}
    mock.router.publish(message("ccu_order_request", body))
    mock.router.run(1)
    looked = 0
    while mock.state.active_orders:
        told = mock.state.orders[mock.state.active_orders[0]].steps
        simulation = mock.foresee()
        ended = simulation.router.run(600, lambda made=simulation: not made.ccu.book.active)  # type: ignore[misc]
        assert ended, [(one.module_type, one.command, one.state) for one in told]
        looked += 1
        mock.router.run(600, lambda seen=told: _news(mock, seen))  # type: ignore[misc]
    assert looked > 10


def _news(mock: RunningMock, told: object) -> bool:
    active = mock.state.active_orders
    return not active or mock.state.orders[active[0]].steps != told


def test_a_vehicle_and_a_module_that_were_told_and_not_heard_yet_go_on_too() -> None:
    """A recording begins in the middle: the first message of a device comes with its first work."""
    mock = RunningMock(3, 1, {"RED": 2})
    body = {"type": "RED", "timestamp": STAMP, "orderType": "PRODUCTION"}
    mock.router.publish(message("ccu_order_request", body))
    mock.router.run(4)
    mock.state.vehicles["5iO4"].state_known = False
    for module in mock.state.modules.values():
        module.state_known = False
    simulation = mock.foresee()
    assert simulation.router.run(600, lambda: not simulation.ccu.book.active)
