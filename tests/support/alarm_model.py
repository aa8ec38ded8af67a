"""One alarm as people see it: what each act does to it, and to whom it is refused.

Written by hand beside the table in omf/alarms/lifecycle.py, which it judges.
"""

import re
from collections.abc import Hashable
from functools import partial
from typing import Any, NamedTuple

from omf.alarms.life import AlarmLife
from omf.alarms.lifecycle import AlarmState
from omf.texts import text
from tests.support.linearizability import UNKNOWN, ObjectModel

SHOWN = ("unacknowledged", "acknowledged", "returned_unacknowledged", "latched")
HIDDEN_ALARM = ("shelved", "suppressed_by_design", "out_of_service")


class SeenAlarm(NamedTuple):
    """What a reader sees of an alarm; as it is before it was ever raised."""

    state: str = "normal"
    stands: bool = False
    acknowledged: str = ""
    """Who acknowledged it."""
    hidden: str = ""
    """Id of the command that hid it, which begins with who gave it."""
    said: str = ""
    """Id of the command that commented on it last."""


class ActOutcome(NamedTuple):
    """What a person is told of an act."""

    stage: str
    """`effect` or `refused`, whoever refused it."""
    words: str
    """The state the alarm came into; of a refusal who was faster, if anybody was."""


_NOW = {
    text("proof.alarm_act", state=text(f"alarm_state.{state}")).en: state.value
    for state in AlarmState
}
_FASTER = re.compile(r" by (\S+) at ")


def act_outcome(stage: str, words: str) -> ActOutcome:
    """What is judged of the English words that a person is told."""
    if stage == "effect":
        return ActOutcome(stage, _NOW[words])
    faster = _FASTER.search(words)
    return ActOutcome("refused", faster[1] if faster else "")


def seen_alarm(life: AlarmLife | None) -> SeenAlarm:
    """As its owner keeps it, if it does; acts have given their command's id as the reason."""
    if life is None:
        return SeenAlarm()
    said = life.comments[-1].text if life.comments else ""
    state = life.state.value
    return SeenAlarm(state, life.stands, life.acknowledged_by, life.hidden_reason, said)


def person_of(command: str) -> str:
    """Who gave a command whose id is the name and a number."""
    return command.rpartition("-")[0]


def alarm_step(
    seen: SeenAlarm, name: str, given: tuple[str, ...], outcome: Any, *, latching: bool
) -> Hashable | None:
    """An alarm after a look, an act of a person, or a passage of the factory or the clock."""
    if name == "read":
        return seen if outcome == seen else None
    if not name.startswith("alarm-"):
        return _passed(seen, name, outcome, latching=latching)
    (command,) = given
    after = _state_after(seen, name, latching=latching)
    if outcome == UNKNOWN:
        return seen if after is None else _acted(seen, name, command, after)
    if outcome.stage == "refused":
        return seen if after is None and outcome.words == _faster(seen, name) else None
    return None if after is None or outcome.words != after else _acted(seen, name, command, after)


def _state_after(seen: SeenAlarm, name: str, *, latching: bool) -> str | None:
    """Where an act leads; None: it is refused."""
    state = seen.state
    if name == "alarm-comment":
        return None if state == "normal" else state
    if name == "alarm-acknowledge":
        over = "latched" if latching else "normal"
        return {"unacknowledged": "acknowledged", "returned_unacknowledged": over}.get(state)
    if name == "alarm-reset":
        return "normal" if state == "latched" else None
    if name == "alarm-shelve":
        return "shelved" if state in SHOWN else None
    if name == "alarm-out-of-service":
        return "out_of_service" if state not in ("normal", "out_of_service") else None
    hidden = {"alarm-unshelve": "shelved", "alarm-return-to-service": "out_of_service"}[name]
    return _shown_again(seen, latching=latching) if state == hidden else None


def _shown_again(seen: SeenAlarm, *, latching: bool) -> str:
    if seen.stands:
        return "unacknowledged"
    return "latched" if latching else "normal"


def _acted(seen: SeenAlarm, name: str, command: str, after: str) -> SeenAlarm:
    if after == "normal":
        return SeenAlarm()
    if name == "alarm-comment":
        return seen._replace(said=command)
    if name == "alarm-acknowledge":
        return seen._replace(state=after, acknowledged=person_of(command))
    if after in HIDDEN_ALARM:
        return seen._replace(state=after, acknowledged="", hidden=command)
    return seen._replace(state=after, hidden="")


def _faster(seen: SeenAlarm, name: str) -> str:
    """Who is named to a person whose act comes too late."""
    if seen.state in HIDDEN_ALARM:
        return person_of(seen.hidden)
    return seen.acknowledged if name == "alarm-acknowledge" else ""


def _passed(seen: SeenAlarm, name: str, outcome: Any, *, latching: bool) -> SeenAlarm | None:
    """What nobody did: the cause came or went, or another alarm explains it."""
    after = _raised(seen) if name == "raised" else None
    if name == "returned" and seen.stands:
        after = _returned(seen, latching=latching)
    if name == "suppressed" and seen.state not in HIDDEN_ALARM:
        state = "suppressed_by_design"
        after = seen._replace(state=state, stands=True, acknowledged="")
    if name == "unsuppressed" and seen.state == "suppressed_by_design":
        after = seen._replace(state=_shown_again(seen, latching=latching))
    if after is None or outcome != (seen.state, after.state):
        return None
    return SeenAlarm() if after.state == "normal" else after


def _raised(seen: SeenAlarm) -> SeenAlarm | None:
    if seen.stands:
        return None
    state = seen.state if seen.state in HIDDEN_ALARM else "unacknowledged"
    return seen._replace(state=state, stands=True, acknowledged="")


def _returned(seen: SeenAlarm, *, latching: bool) -> SeenAlarm:
    after = {
        "unacknowledged": "returned_unacknowledged",
        "acknowledged": "latched" if latching else "normal",
    }
    return seen._replace(state=after.get(seen.state, seen.state), stands=False)


ALARM = ObjectModel(SeenAlarm(), partial(alarm_step, latching=False))
LATCHING_ALARM = ObjectModel(SeenAlarm(), partial(alarm_step, latching=True))
"""Of fire and gas: it stays until a person has reset it."""
