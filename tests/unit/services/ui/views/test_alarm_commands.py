"""Each alarm whose advice is a command carries that command, filled in."""

from typing import get_args

import pytest

from omf.alarms.alarm import Alarm
from omf.alarms.alarm_texts import SEVERITY
from omf.alarms.limits import LimitCommand
from omf.alarms.rule_data import with_site
from omf.commands import KINDS, parameters_of
from omf.texts import verbatim
from omf.yaml_files import YamlFileError
from services.ui.live.model import ViewModel
from services.ui.views import alarm_commands
from tests.support.factory import AIQS, DRILL, FTS, LISTED, Factory, paired
from tests.support.ui_story import made


def _model() -> ViewModel:
    told = Factory()
    modules = [paired(DRILL, "DRILL"), paired(AIQS, "AIQS")]
    told.say("ccu_pairing_state", {"modules": modules, "transports": [LISTED]})
    told.vehicle("UNKNOWN")
    told.orders(made("waits", "IN_PROGRESS", _drive()))
    told.say("ccu_order_completed", [made("bad", "ERROR")])
    return ViewModel("mock", factory=told.state, now=told.now + 10)


def _drive() -> dict[str, object]:
    drive = {"id": "1", "type": "NAVIGATION", "state": "ENQUEUED"}
    return drive | {"source": "START", "target": "DRILL"}


def _alarm(rule: str, subject: str) -> Alarm:
    return Alarm(f"{rule}:{subject}", rule, "warning", subject, None, verbatim(""), verbatim(""))


@pytest.mark.parametrize(
    ("rule", "subject", "kind", "given"),
    [
        ("position-unknown", FTS, "fts-dock", {"serial": FTS}),
        ("danger", "mq2-1", "park", {}),
        ("battery-low", FTS, "charge", {"serial": FTS, "charge": True}),
        ("device-fatal", DRILL, "factory-reset", {}),
        ("device-fatal", f"{AIQS}/txt", "module-reset", {"serial": AIQS}),
        ("device-fatal", AIQS, "module-reset", {"serial": AIQS}),
        ("device-fatal", FTS, "fts-reset", {"serial": FTS}),
        ("action-failed", DRILL, "factory-reset", {}),
        ("device-blocked", DRILL, "factory-reset", {}),
        ("order-stuck", "waits", "factory-reset", {}),
        ("order-standstill", "waits", "fts-dock", {"serial": FTS}),
        ("order-held-up", "waits", "fts-dock", {"serial": FTS}),
        ("quality-failed", "bad", "production-order", {"colour": "WHITE"}),
        ("retained-command", "ccu/set/reset", "clear-retained", {"topic": "ccu/set/reset"}),
    ],
)
def test_an_alarm_carries_the_command_of_its_advice(
    rule: str, subject: str, kind: str, given: dict[str, object]
) -> None:
    offer = alarm_commands.for_alarm(_alarm(rule, subject), _model())
    assert offer is not None
    assert (offer.kind, dict(offer.given)) == (kind, given)


_VEHICLE, _MODULE = f"fts/v1/ff/{FTS}/state", "module/v1/ff/{}/state"


@pytest.mark.parametrize(
    ("command", "topic", "given"),
    [
        ("park", "/j1/txt/1/i/bme680", {}),
        ("factory-reset", _MODULE.format(DRILL), {}),
        ("charge", _VEHICLE, {"serial": FTS, "charge": True}),
        ("fts-dock", _VEHICLE, {"serial": FTS}),
        ("fts-reset", _VEHICLE, {"serial": FTS}),
        ("module-reset", _MODULE.format(AIQS), {"serial": AIQS}),
        ("charge", _MODULE.format(AIQS), None),
        ("fts-dock", "/j1/txt/1/i/bme680", None),
        ("module-reset", _VEHICLE, None),
        ("module-reset", _MODULE.format(DRILL), None),
        (None, _VEHICLE, None),
    ],
)
@pytest.mark.parametrize("tile", [False, True])
def test_a_limit_offers_the_command_the_site_names(
    command: str | None, topic: str, given: dict[str, object] | None, *, tile: bool
) -> None:
    bounds = "{above: 1" + (f", command: {command}" if command else "")
    where = f"topic: '{topic}', path: x"
    own = f"limits:\n  x: {bounds}, {where}}}\n"
    shown = f"sensors:\n  x: {{{where}, title: {{en: X}}, limits: {{high: {bounds}}}}}}}\n"
    model = _model()
    model.factory.alarm_rules = with_site("version: 1\n" + (shown if tile else own))
    rule = "limit-x.high" if tile else "limit-x"
    offer = alarm_commands.for_alarm(_alarm(rule, topic), model)
    assert (offer and dict(offer.given)) == given
    if offer is not None:
        assert offer.kind == command
        kind = KINDS[offer.kind]
        word = {"confirm": kind.typed_word.en} if kind.typed_word else {}
        parameters_of(kind, {**offer.given, **word})


def test_a_limit_names_commands_there_are() -> None:
    assert set(get_args(LimitCommand)) <= set(KINDS)
    with pytest.raises(YamlFileError, match=r"line 3, limits.x.command.*park"):
        with_site("version: 1\nlimits:\n  x: {topic: a, path: b, above: 1, command: fly}\n")


@pytest.mark.parametrize("rule", ["connection-lost", "device-silent", "ccu-silent"])
def test_what_no_command_mends_carries_none(rule: str) -> None:
    assert alarm_commands.for_alarm(_alarm(rule, DRILL), _model()) is None


@pytest.mark.parametrize("rule", SEVERITY)
def test_no_alarm_is_broken_by_a_subject_nobody_knows(rule: str) -> None:
    alarm_commands.for_alarm(_alarm(rule, "never-heard"), _model())
