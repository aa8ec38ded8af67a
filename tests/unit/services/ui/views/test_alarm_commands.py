"""Each alarm whose advice is a command carries that command, filled in."""

import pytest

from omf.alarms.alarm import Alarm
from omf.alarms.alarm_texts import SEVERITY
from omf.texts import verbatim
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


@pytest.mark.parametrize("rule", ["connection-lost", "device-silent", "ccu-silent"])
def test_what_no_command_mends_carries_none(rule: str) -> None:
    assert alarm_commands.for_alarm(_alarm(rule, DRILL), _model()) is None


@pytest.mark.parametrize("rule", SEVERITY)
def test_no_alarm_is_broken_by_a_subject_nobody_knows(rule: str) -> None:
    alarm_commands.for_alarm(_alarm(rule, "never-heard"), _model())
