"""A form that is filled in is byte for byte what the models would write."""

import pytest

from services.common.store.keys import Command, LinkHealth
from services.orders import reasons
from services.orders.decision import View, refused
from services.orders.records import audit_record, rejection_events
from services.orders.refusal_form import RefusalForm
from tests.support.command_examples import command_of
from tests.support.factory import NOW, known_factory

LINK = LinkHealth(connected=True, broker="b", since=0, at=NOW)
NAMES = ["anna", 'a"b', "Ünal\\", "\ue000", "\ue001\ue002", "x\x00y", "</script>", "ö" * 60]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("first", ["someone", "\ue003"])
def test_whatever_people_are_called(name: str, first: str) -> None:
    view = View("mock", known_factory(), NOW, "1-0", LINK, NOW)
    decision = refused(reasons.too_busy(2))
    like = command_of("park", command_id="first", operator=first)
    form = RefusalForm(like, decision, view)
    one: Command = command_of("production-order", command_id="c-1", operator=name)
    one = one.model_copy(update={"kind": name, "note": "\ue000", "source": '"\ue003"'})
    text = form.filled(one)
    assert text.command == one.model_dump_json()
    assert text.audit == audit_record(one, decision, view).model_dump_json()
    assert text.events == tuple(e.model_dump_json() for e in rejection_events(one, decision, NOW))
