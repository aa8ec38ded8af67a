"""Where the camera looks: what it was told since it stood at a mark, and else unknown."""

from typing import Any

from omf.state.camera_view import CameraAxis
from tests.support.factory import Factory


def told(*moves: dict[str, Any] | str, **when: Any) -> Factory:
    factory = Factory()
    for move in moves:
        factory.say("txt_ptu", {"cmd": move} if isinstance(move, str) else move, **when)
    return factory


def test_it_is_unknown_until_it_was_sent_to_a_mark() -> None:
    view = told({"cmd": "relmove_left", "degree": 10}).state.camera_view
    assert (view.pan.mark, view.tilt.mark) == (None, None)
    assert (view.move, view.degree, view.moved_at) == ("relmove_left", 10, 1_001.0)


def test_from_home_on_the_degrees_are_added_up() -> None:
    view = told(
        "home",
        {"cmd": "relmove_left", "degree": 10},
        {"cmd": "relmove_right", "degree": 25},
        {"cmd": "relmove_up", "degree": 5},
        {"cmd": "relmove_down", "degree": 12.5},
    ).state.camera_view
    assert (view.pan, view.tilt) == (CameraAxis("home", 15), CameraAxis("home", -7.5))


def test_an_end_is_a_mark_of_its_own_axis_alone() -> None:
    view = told("home", {"cmd": "relmove_up", "degree": 3}, "start_pan").state.camera_view
    assert (view.pan, view.tilt) == (CameraAxis("start"), CameraAxis("home", 3))
    view = told("end_tilt").state.camera_view
    assert (view.pan.mark, view.tilt) == (None, CameraAxis("end"))


def test_what_the_station_drops_changes_nothing() -> None:
    view = told("home", "stop", "up", {"degree": 3}).state.camera_view
    assert (view.move, view.pan) == ("home", CameraAxis("home"))


def test_a_move_of_unknown_angle_leaves_an_unknown_axis() -> None:
    view = told("home", "relmove_left").state.camera_view
    assert (view.pan.mark, view.tilt.mark) == (None, "home")


def test_a_kept_copy_is_no_move_and_a_started_controller_forgets_the_view() -> None:
    assert told("home", retain=True).state.camera_view.move is None
    factory = told("home").say("txt_broadcast", {"hardwareId": "txt40", "message": "init"})
    assert factory.state.camera_view.pan.mark is None
