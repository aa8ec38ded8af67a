"""Camera, sensors and tag reader of the delivery station (PROTOCOL B.9, C.26, C.27)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from omf.commands.command_types.factory import Nothing
from omf.commands.command_types.module_acts import ACT_EXPIRY_S
from omf.commands.effects import CAMERA_WINDOW_S, echoed, seen_on
from omf.commands.encoding import dump, timestamp
from omf.commands.forms import Form, field
from omf.commands.proof.station import same_period
from omf.commands.schemas import Drafting, Effect, Kind, PlannedStep
from omf.state import FactoryState
from omf.terms import term
from omf.texts import Text, text
from omf.topics.catalogue import address

FIRST_READING_S = 60.0
"""The station may end the wait it is in before it takes the new period; it is set to 60 s
(PROTOCOL B.1)."""
PERIOD_SLACK_S = 10.0
"""A reading may be this late."""
STREAM_S = 60.0
"""Pictures come every second or two; a camera silent for so long is off."""
TAG_WINDOW_S = 30.0
"""The arm may have to bring a tag over the reader; reading one in takes 19 s (PROTOCOL D.1)."""
RELATIVE = ("relmove_up", "relmove_down", "relmove_left", "relmove_right")

Move = Literal[
    "home",
    "relmove_up",
    "relmove_down",
    "relmove_left",
    "relmove_right",
    "start_pan",
    "end_pan",
    "start_tilt",
    "end_tilt",
]


class Camera(Form):
    """One movement of the camera."""

    move: Move = field("field.movement")
    degree: Annotated[float, Field(gt=0, le=90)] = field("field.angle", 10.0)


class CameraStream(Form):
    """Pictures on or off, and how many a second."""

    on: bool = field("field.camera_on")
    fps: Annotated[float, Field(gt=0, le=10)] = field("field.pictures_second", 2)


class SensorPeriodForm(Form):
    """How often a sensor reports."""

    sensor: Literal["bme680", "ldr"] = field("field.sensor")
    period: Annotated[int, Field(ge=1, le=3600)] = field("field.period_s")


def camera(form: Camera, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.27: relative moves carry the angle, the others none."""
    body: dict[str, Any] = {"ts": timestamp(draft.now), "cmd": form.move}
    if form.move in RELATIVE:
        body["degree"] = _whole(form.degree)
    expected = text("effect.camera_reports_position")
    title = text("step.camera", move=term("camera.move", form.move))
    effect = seen_on("txt_ptu_position", CAMERA_WINDOW_S, expected)
    echo = echoed(address("txt_ptu"), dump(body))
    # Not every build of the station reports the position; then the broker's copy has to do.
    effect = effect.model_copy(update={"otherwise": echo})
    return (_told("txt_ptu", body, title, effect, once=True),)


def camera_stream(form: CameraStream, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.26: fps is never 0, the station would divide by it."""
    body = {"ts": timestamp(draft.now), "on": form.on, "fps": _whole(form.fps)}
    expected = text("effect.picture_arrives")
    title = text("step.camera_on" if form.on else "step.camera_off")
    echo = echoed(address("txt_set_cam"), dump(body))
    # The next picture of a camera that is on already would come anyway.
    proven = form.on and not _pictures_come(draft.state)
    effect = seen_on("txt_cam", CAMERA_WINDOW_S, expected) if proven else echo
    return (_told("txt_set_cam", body, title, effect),)


def sensor_period(form: SensorPeriodForm, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.26: proven by two readings that come the new period apart, and did not before."""
    body = {"ts": timestamp(draft.now), "period": form.period}
    expected = text("effect.two_readings_apart", period=form.period)
    said = f"{form.sensor}: {form.period} s"
    title = text("step.period", said=said)
    sensor = draft.state.sensors.get(form.sensor)
    interval_s = sensor.interval_s if sensor else None
    effect = Effect(
        rule="readings-spaced",
        topics=(address(f"txt_{form.sensor}"),),
        expect={"period_s": form.period},
        before={"interval_s": interval_s},
        already=interval_s is not None and same_period(interval_s, form.period),
        window_s=FIRST_READING_S + 2 * form.period + PERIOD_SLACK_S,
        text=expected,
    )
    return (_told(f"txt_set_{form.sensor}", body, title, effect),)


def nfc_read(_form: Nothing, _draft: Drafting) -> tuple[PlannedStep, ...]:
    """B.9, from the program alone: the station answers with what stands on the tag."""
    return (_tag_request("read", "nfc-read", "tag-read"),)


def nfc_delete(_form: Nothing, _draft: Drafting) -> tuple[PlannedStep, ...]:
    """B.9, from the program alone: the station answers with the tag as it is then."""
    return (_tag_request("delete", "nfc-delete", "tag-empty"),)


def _tag_request(command: str, kind: str, proof: str) -> PlannedStep:
    effect = Effect(
        rule=proof,
        topics=(address("nfc_answer"),),
        window_s=TAG_WINDOW_S,
        text=text(f"effect.{proof}"),
    )
    return _told("nfc_request", {"cmd": command}, text(f"kind.{kind}"), effect, once=True)


def _pictures_come(state: FactoryState) -> bool:
    newest, now = state.camera, state.last_received
    if newest is None or now is None or newest.retained or state.camera_on is False:
        return False
    return now - newest.at < STREAM_S


def _told(
    topic: str, body: dict[str, Any], title: Text, effect: Effect, *, once: bool = False
) -> PlannedStep:
    return PlannedStep(
        topic=address(topic), payload=dump(body), once=once, title=title, effect=effect
    )


def _whole(value: float) -> float:
    """2, not 2.0, as the vendor's pages write it."""
    return int(value) if value == int(value) else value


def _kind(name: str, **parts: Any) -> Kind:
    traits = {
        "interlocks": ("delivery-connected",),
        "risk": "normal",
        "role": "operator",
        "expiry_s": ACT_EXPIRY_S,
        "once": False,
        "moves": False,
    }
    return Kind(name=name, **(traits | parts))


KINDS = (
    _kind(
        "camera",
        parameters=Camera,
        build=camera,
        once=True,
        source="C.27",
    ),
    _kind(
        "camera-stream",
        parameters=CameraStream,
        build=camera_stream,
        source="C.26",
    ),
    _kind(
        "sensor-period",
        parameters=SensorPeriodForm,
        build=sensor_period,
        source="C.26",
    ),
    _kind(
        "nfc-read",
        parameters=Nothing,
        build=nfc_read,
        once=True,
        source="B.9",
    ),
    _kind(
        "nfc-delete",
        parameters=Nothing,
        build=nfc_delete,
        interlocks=("delivery-connected", "ccu-idle"),
        risk="guarded",
        role="supervisor",
        once=True,
        source="B.9",
    ),
)
