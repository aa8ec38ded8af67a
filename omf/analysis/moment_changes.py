"""What changed between two moments: state, configuration, versions, shapes of payloads.

Each change says what was and what is, both as facts; what one of the moments does not know is said
to be unknown. What changes all the time (readings, counters, times) is none of them.
"""

from collections.abc import Iterable
from typing import NamedTuple

from omf.analysis.moment_facts import (
    CHANGE_GROUPS,
    ChangeGroup,
    MomentFacts,
    moment_facts,
)
from omf.messages.message import Message
from omf.payload_shapes.learning import PayloadShapes
from omf.payload_shapes.shape import LEARN_MESSAGES, DriftKind, ShapeDrift
from omf.payload_shapes.wording import drift_after, drift_before, drift_what
from omf.state.factory_state import FactoryState
from omf.texts import Text, verbatim

COMPARED_KINDS = frozenset({DriftKind.APPEARED, DriftKind.VANISHED, DriftKind.TYPE})


class MomentChange(NamedTuple):
    """One thing that was different."""

    group: ChangeGroup
    subject: Text
    """What it is about, as people call it."""
    what: Text
    before: Text
    after: Text
    about: str
    """Serial, order id, bay or topic filter."""
    message_id: str = ""
    """The first message that showed it, where one does."""


class ShapeComparison(NamedTuple):
    """How payloads changed, and of how many kinds of topics that can be said."""

    changes: tuple[MomentChange, ...]
    compared: int
    unknown: int
    """Kinds of topics heard after the first moment of which too little was heard before it."""


class MomentChanges(NamedTuple):
    """What changed between two moments, by group and subject."""

    since: float
    until: float
    changes: tuple[MomentChange, ...]
    shapes_compared: int
    shapes_unknown: int

    def of(self, group: ChangeGroup) -> tuple[MomentChange, ...]:
        """Those of one group."""
        return tuple(one for one in self.changes if one.group == group)


def moment_changes(
    before: tuple[FactoryState, float],
    after: tuple[FactoryState, float],
    shapes: ShapeComparison,
) -> MomentChanges:
    """Compare two states, each with the moment it is of, Unix s."""
    facts = changed_facts(moment_facts(*before), moment_facts(*after))
    return MomentChanges(
        before[1], after[1], (*facts, *shapes.changes), shapes.compared, shapes.unknown
    )


def changed_facts(before: MomentFacts, after: MomentFacts) -> list[MomentChange]:
    """The facts of two moments that are not the same."""
    found = []
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        told = new or old
        if told is None or (old and new and old.value == new.value):
            continue
        was = old.value if old else told.absent
        now = new.value if new else told.absent
        found.append(MomentChange(key.group, told.subject, told.what, was, now, key.subject))
    return sorted(found, key=lambda one: (CHANGE_GROUPS.index(one.group), one.subject.en))


def compare_shapes(before: Iterable[Message], after: Iterable[Message]) -> ShapeComparison:
    """Learn the payloads of some messages, and see how later ones differ from them."""
    shapes = PayloadShapes()
    for message in before:
        shapes.take(message)
    known = {name for name, one in shapes.topics.items() if one.count >= LEARN_MESSAGES}
    for name in shapes.topics:
        shapes.accept(name)
    heard: set[str] = set()
    for message in after:
        heard.add(shapes.take(message))
    heard.discard("")
    return ShapeComparison(_drifts(shapes), len(known & heard), len(heard - known))


def _drifts(shapes: PayloadShapes) -> tuple[MomentChange, ...]:
    found = [one for one in shapes.drifts() if one.kind in COMPARED_KINDS]
    return tuple(map(_shape_change, reversed(found)))


def _shape_change(drift: ShapeDrift) -> MomentChange:
    return MomentChange(
        "shapes",
        verbatim(drift.filter),
        drift_what(drift),
        drift_before(drift),
        drift_after(drift),
        drift.filter,
        drift.message_id,
    )
