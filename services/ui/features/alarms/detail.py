"""One alarm in full: what it says and advises, what can be done, what became of it and before."""

from collections.abc import Callable
from urllib.parse import urlencode

from nicegui import background_tasks

from omf.alarms.kpis import stale
from omf.alarms.life import AlarmLife
from omf.analysis.account import FactAccount, account_of
from omf.commands import Kind
from services.common.store.bus import StoreError
from services.ui import formats
from services.ui.features.alarms.acts import ActButtons
from services.ui.features.alarms.course import AlarmCourse
from services.ui.features.alarms.history import WantedPassages
from services.ui.features.alarms.history_list import history_path
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.widgets.account_panel import clauses_panel
from services.ui.widgets.alarm_list import alarms_of, command_button, explained_list
from services.ui.widgets.command_card.command_entries import CommandCardSlot
from services.ui.widgets.elements import attribute, div, link, set_classes, text


class AlarmDetail:
    """A side panel that shows one alarm at a time and follows it."""

    def __init__(self, screen: Screen, on_close: Callable[[], None]) -> None:
        self._screen, self._alarm = screen, ""
        self._told = AlarmCourse([], ())
        self._seen: tuple[object, ...] = ()
        say = screen.say
        with div("panel detail wide hidden", "aside") as self._panel:
            with div("panel-head"):
                self._title = text("", "card-title", "h2")
                text(say("close"), "act small", "button").on("click", on_close).props("data-close")
            self._state, self._advice = text("", "alarm-state"), text("", "alarm-advice")
            self._why = text("", "hint").mark("alarm-why")
            self._reason = text("", "hint")
            remedy, acts = div("row wraps"), div("row wraps")
            self._cause = link("", "", "way-in hidden")
            self._under = explained_list(screen, lambda: self._alarm)
            self._slot = CommandCardSlot(screen)
            with remedy:
                self._remedy = command_button(
                    screen, self._slot, lambda: self._alarm, "alarm-remedy"
                )
            with acts:
                self._acts = ActButtons(screen, lambda: self._alarm, self._open)
            with div("row wraps"):
                self._subject = link(say("alarms.subject"), "", "way-in")
                self._messages = link(say("alarms.messages"), "", "way-in")
                self._all = link(say("alarms.all_of_it"), "", "way-in")
            self._account = clauses_panel(screen, self._account_of)
            self._course = div("alarm-course")

    def show(self, alarm: str) -> None:
        """Show this alarm, or nothing."""
        set_classes(self._panel, hidden=not alarm)
        if alarm != self._alarm:
            self._alarm, self._told, self._seen = alarm, AlarmCourse([], ()), ()
            self._course.clear()
            self._acts.forget()
        if alarm:
            self._draw()

    def _open(self, kind: Kind, alarm: str) -> None:
        self._slot.open(kind, {"alarm": alarm})

    def _draw(self) -> None:
        screen, say = self._screen, self._screen.say
        life = (screen.model.factory.lives or {}).get(self._alarm)
        self._acts.draw(life)
        self._remedy()
        # Where the owner is silent, or has not looked yet, the rules alone find it.
        found = alarms_of(screen).get(self._alarm)
        said = life or found or self._told.last
        self._title.say(say.either(said.text) if said else self._alarm)
        unkept = say("alarms.state_unknown" if found else "alarm_state.normal")
        self._state.say(state_words(screen, life) if life else unkept)
        advised = life or found
        self._advice.say(say.either(advised.action) if advised else "")
        self._reason.say(say("alarms.because", reason=life.hidden_reason) if life else "")
        set_classes(self._reason, hidden=not (life and life.hidden_reason))
        self._under()
        self._rationale(self._alarm.partition(":")[0])
        self._explained(life)
        subject = life.subject if life else self._alarm.partition(":")[2]
        self._lead(subject)
        self._account()
        wanted = WantedPassages(device=subject, rule=self._alarm.partition(":")[0])
        attribute(self._all, "href", history_path(screen, wanted, self._alarm))
        seen = (life and (life.state, life.stands, life.count, len(life.comments)),)
        if seen != self._seen:
            self._seen = seen
            background_tasks.create(self._read(self._alarm), name="course of an alarm")

    def _explained(self, life: AlarmLife | None) -> None:
        """Why the design suppresses it; leads to the alarm that explains it."""
        why = life.suppressed if life else None
        self._cause.say(self._screen.say.either(why) if why else "")
        query = urlencode({"alarm": life.cause}) if life and life.cause else ""
        attribute(self._cause, "href", f"{self._screen.path('alarms')}?{query}" if query else None)
        set_classes(self._cause, hidden=why is None)

    def _account_of(self) -> FactAccount | None:
        """What the head of the panel does not say already."""
        model, alarm = self._screen.model, self._alarm
        key = ("account", alarm)
        found = model.shared(key, lambda: account_of(model.factory, alarm, model.factory_now))
        if found is None:
            return None
        say, head = self._screen.say, (self._title.text, self._advice.text)
        told = [one for one in found.clauses if say.either(one.text) not in head]
        return found._replace(clauses=tuple(told))

    def _rationale(self, name: str) -> None:
        """Why the rule is there, and how fast a person should have done what it asks for."""
        screen, say = self._screen, self._screen.say
        rules = screen.model.factory.alarm_rules
        rule = rules.rules.get(name)
        if rule is None:
            self._why.say("")
            return
        key = rules.texts(name)
        time = formats.age(rule.respond_s, say.language)
        words = {"cause": say(f"{key}.cause"), "consequence": say(f"{key}.consequence")}
        self._why.say(say("alarms.why", time=time, **words))

    def _lead(self, subject: str) -> None:
        target = urls.to_subject(self._screen, subject)
        attribute(self._subject, "href", target or None)
        set_classes(self._subject, hidden=not target)
        attribute(
            self._messages, "href", urls.to_text(self._screen, subject.split("/", maxsplit=1)[0])
        )

    async def _read(self, alarm: str) -> None:
        """What became of it, and when it stood before."""
        try:
            found = await AlarmCourse.read(self._screen, alarm)
        except StoreError:
            return
        if alarm != self._alarm or self._panel.is_deleted:
            return
        self._told = found
        self._course.clear()
        with self._course:
            found.draw(self._screen)
        self._draw()


def state_words(screen: Screen, life: AlarmLife) -> str:
    """The state, by whom and until when, and whether the alarm chatters or is stale."""
    load = screen.model.factory.alarm_load
    flags = (
        ("alarms.chatters", life.id in load.chattering),
        ("alarms.stale", stale(life, screen.model.wall)),
    )
    named = (screen.say(key) for key, holds in flags if holds)
    return " · ".join((_state(screen, life), *named))


def _state(screen: Screen, life: AlarmLife) -> str:
    say = screen.say
    state = say(f"alarm_state.{life.state}")
    if life.hidden_by:
        who, until = say.known("user", life.hidden_by), screen.when(life.hidden_until)
        return say("alarms.state_until", state=state, who=who, until=until)
    if life.acknowledged_by:
        who, at = say.known("user", life.acknowledged_by), screen.when(life.acknowledged_at)
        return say("alarms.state_by", state=state, who=who, at=at)
    return state
