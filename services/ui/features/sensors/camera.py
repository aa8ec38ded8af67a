"""The camera of the delivery station: its picture, the pad that moves it, where it was sent to."""

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from omf.commands import KINDS, Kind
from omf.constants import CAMERA_SILENCE_S
from omf.state.camera_view import CameraAxis, CameraView
from omf.state.staleness import camera_silent_since
from omf.topics import catalogue
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import command_view, urls
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.one_press import OnePress

STEP_WIDTHS = (1, 5, 10, 20, 45)
"""Degrees of one press."""
FIRST_STEP = 10
PAD = (
    ("relmove_up", "▲"),
    ("relmove_left", "◀"),
    ("home", "⌂"),
    ("relmove_right", "▶"),
    ("relmove_down", "▼"),
)
AXIS_ENDS = ("start_pan", "end_pan", "start_tilt", "end_tilt")
PICTURE_EVERY_S = 1.0
"""Another picture is fetched no more often, however many come."""
STREAM_FPS = 2
OpenCard = Callable[[Kind, Mapping[str, Any]], None]


def camera_panel(screen: Screen, open_card: OpenCard) -> None:
    """Picture and pad side by side."""
    with panel(screen.say("sensors.camera"), "camera-panel"), div("camera"):
        CameraPicturePart(screen)
        CameraPad(screen, open_card)


class CameraPicturePart:
    """The newest picture with its age; why there is none."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._shown, self._fetched_at = "", 0.0
        with div("camera-view"):
            self._picture = div("camera-picture", "img").mark("camera-picture")
            self._none = text("", "empty")
            with div("row wraps"):
                self._age = text("", "hint grow").mark("camera-age")
                say = screen.say
                self._photo = link(say("sensors.photo"), "", "act small").mark("camera-photo")
                attribute(self._photo, "title", say("sensors.photo.is"))
                self._message = link(say("sensors.message"), "", "way-in")
        screen.live(self._draw)

    def _draw(self) -> None:
        screen, factory = self._screen, self._screen.model.factory
        picture, now = factory.camera, screen.model.factory_now
        for part in (self._picture, self._photo, self._message):
            set_classes(part, hidden=picture is None)
        set_classes(self._none, hidden=picture is not None)
        silent = camera_silent_since(factory, now) is not None
        self._none.say(screen.say("sensors.camera_never"))
        self._age.say(self._age_words(silent=silent))
        set_classes(self._age, wrong=silent)
        set_classes(self._picture, aged=silent)
        if picture is None or picture.message_id == self._shown:
            return
        if self._shown and 0 <= now - self._fetched_at < PICTURE_EVERY_S:
            return
        self._shown, self._fetched_at = picture.message_id, now
        address = screen.path(f"picture/{picture.message_id}")
        attribute(self._picture, "src", address)
        attribute(
            self._picture, "alt", screen.say("sensors.camera_alt", at=screen.when(picture.at))
        )
        attribute(self._photo, "href", address)
        attribute(self._photo, "download", f"camera-{formats.iso_day(picture.at, 'utc')}.jpg")
        attribute(self._message, "href", urls.to_kept_message(screen, picture.message_id))

    def _age_words(self, *, silent: bool) -> str:
        screen, say = self._screen, self._screen.say
        factory, now = screen.model.factory, screen.model.factory_now
        picture = factory.camera
        if picture is None:
            return ""
        if picture.retained:
            return say("sensors.kept")
        if factory.camera_on is False and now - picture.at > CAMERA_SILENCE_S:
            return say("sensors.camera_off", since=screen.when(picture.at))
        if silent:
            return say("sensors.silent", since=screen.when(picture.at))
        return say("fact.ago", age=formats.age(now - picture.at, say.language))


class CameraPad:
    """Each press is one command; what came of the last one stands below."""

    def __init__(self, screen: Screen, open_card: OpenCard) -> None:
        self._screen = screen
        self._step = FIRST_STEP
        say = screen.say
        self._buttons: list[ui.element] = []
        with div("camera-pad"):
            with div("pad").props(f'role=group aria-label="{say("sensors.pad")}"'):
                for move, sign in PAD:
                    self._move(move, sign, f"pad-{move.removeprefix('relmove_')}")
            with div("row wraps").props(f'role=group aria-label="{say("sensors.step")}"'):
                text(say("sensors.step"), "dim")
                self._steps = {step: self._step_button(step) for step in STEP_WIDTHS}
            with div("row wraps"):
                for move in AXIS_ENDS:
                    self._move(move, say(f"camera.move.{move}"), "")
            with div("row wraps"):
                self._stream(on=True)
                self._stream(on=False)
                more = text(f"{say.either(KINDS['camera-stream'].title)} …", "act small", "button")
                more.on("click", lambda: open_card(KINDS["camera-stream"], {}))
            self._press = OnePress(screen)
            self._why = text("", "reason")
            self._position, self._last = text("", "").mark("camera-position"), text("", "hint")
            self._reported = link("", "", "way-in")
        self._choose(FIRST_STEP)
        screen.live(self._draw)

    def _move(self, move: str, sign: str, classes: str) -> None:
        button = text(sign, f"act {'pad-act' if classes else 'small'} {classes}", "button")
        attribute(button, "aria-label", self._screen.say(f"camera.move.{move}"))
        attribute(button, "title", self._screen.say(f"camera.move.{move}"))
        button.on("click", lambda: self._press.send(KINDS["camera"], self._given(move)))
        self._buttons.append(button.mark(f"camera-{move}"))

    def _given(self, move: str) -> dict[str, Any]:
        relative = move.startswith("relmove_")
        return {"move": move, "degree": self._step} if relative else {"move": move}

    def _stream(self, *, on: bool) -> None:
        words = self._screen.say("sensors.stream_on" if on else "sensors.stream_off")
        button = text(words, "act small", "button").mark(f"stream-{'on' if on else 'off'}")
        given = {"on": on, "fps": STREAM_FPS}
        button.on("click", lambda: self._press.send(KINDS["camera-stream"], given))
        self._buttons.append(button)

    def _step_button(self, step: int) -> ui.element:
        button = text(f"{step}°", "act small", "button").mark(f"step-{step}")
        return button.on("click", lambda: self._choose(step))

    def _choose(self, step: int) -> None:
        self._step = step
        for one, button in self._steps.items():
            set_classes(button, main_act=one == step)
            attribute(button, "aria-pressed", str(one == step).lower())

    def _draw(self) -> None:
        screen, say = self._screen, self._screen.say
        self._press.draw()
        reason = command_view.obstacle("camera", {"move": "home"}, screen.model, screen.user)
        self._why.say(reason or "")
        set_classes(self._why, hidden=not reason or self._press.words == reason)
        for button in self._buttons:
            set_classes(button, off=reason is not None)
        view = screen.model.factory.camera_view
        places = {axis: self._axis(axis, getattr(view, axis)) for axis in ("pan", "tilt")}
        self._position.say(say("sensors.position", **places))
        self._last.say(self._last_words(view))
        topic = catalogue.address("txt_ptu_position")
        heard = topic in screen.model.factory.traffic.topics
        set_classes(self._reported, hidden=not heard)
        if heard:
            self._reported.say(say("sensors.position_reported"))
            attribute(self._reported, "href", screen.path(f"messages?topic={topic}"))

    def _axis(self, name: str, axis: CameraAxis) -> str:
        say = self._screen.say
        if axis.mark is None:
            return say("unknown")
        place = say(f"sensors.mark.{axis.mark}")
        if not axis.degrees:
            return place
        way = {"pan": ("left", "right"), "tilt": ("down", "up")}[name][axis.degrees > 0]
        degrees = formats.number(abs(axis.degrees), say.language, int(axis.degrees % 1 != 0))
        return say(
            "sensors.off_mark", place=place, degrees=degrees, way=say(f"camera.move.relmove_{way}")
        )

    def _last_words(self, view: CameraView) -> str:
        screen, say = self._screen, self._screen.say
        if view.move is None:
            return say("sensors.no_move")
        move = say.known("camera.move", view.move)
        angle = view.degree if view.move.startswith("relmove_") else None
        told = move if angle is None else f"{move} {formats.number(angle, say.language)}°"
        return say("sensors.last_move", move=told, at=screen.when(view.moved_at))
