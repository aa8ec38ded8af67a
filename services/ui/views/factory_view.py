"""What a factory of the site is called, and how it is now in one line."""

from typing import NamedTuple

from omf.alarms.alarm import Alarm
from omf.alarms.rule_data import SEVERITIES
from omf.factories import FactoryKind
from services.common.store.environments import factory, kind_of
from services.ui import formats
from services.ui.live import connection_health
from services.ui.live.connection_health import LinkState
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.views import order_view


def factory_title(say: Translator, name: str) -> str:
    """Its title; without one its name, and of the usual three the word for their kind."""
    found = factory(name)
    return found.title or (say(f"environment.{found.kind}") if name == found.kind else name)


class FactoryLine(NamedTuple):
    """One factory at a glance; what is not known is said as unknown."""

    name: str
    title: str
    kind: FactoryKind
    link: LinkState
    """How its messages come in."""
    lost: bool
    """Nothing is heard of it: alarms and orders are the last that were known."""
    severity: str
    """Of its worst alarm; "" without one."""
    alarm: str
    more: int
    """Alarms besides the worst one."""
    running: str
    queued: str
    heard: str
    """How long ago its last message came."""


def alarms_at(model: ViewModel) -> dict[str, Alarm]:
    """The alarms of this picture by id, worked out once for all browsers."""
    return model.shared(
        "alarms", lambda: {a.id: a for a in model.factory.alarms(model.factory_now)}
    )


def factory_line(model: ViewModel, say: Translator) -> FactoryLine:
    """One factory as its model has it now."""
    links = {view.name: view for view in connection_health.views(model)}
    state = links["read"].state if links["bus"].state == "up" else links["bus"].state
    found = sorted(alarms_at(model).values(), key=lambda one: SEVERITIES.index(one.severity))
    lists, last = order_view.counts(model), model.factory.last_received
    known = model.caught_up and last is not None
    silent = "site.no_alarm" if known and not connection_health.unheard(model) else "alarms.unheard"
    age = None if last is None else model.now - last
    return FactoryLine(
        name=model.environment,
        title=factory_title(say, model.environment),
        kind=kind_of(model.environment),
        link=state,
        lost=state in connection_health.LOST_STATES,
        severity=found[0].severity if found else "",
        alarm=say.either(found[0]) if found else say(silent),
        more=max(0, len(found) - 1),
        running=str(lists["running"]) if known else formats.NONE,
        queued=str(lists["queued"]) if known else formats.NONE,
        heard=formats.age(age, say.language),
    )
