"""What a record of the audit holds: every byte that was decided on, and where the state lies."""

from services.common.store.audit import broken, seal
from services.common.store.entries import DATA
from services.common.store.keys import AuditRecord, LinkHealth, Stage
from services.orders.decision import View, decide
from services.orders.records import audit_record
from tests.support.command_examples import command_of
from tests.support.factory import NOW, known_factory

LINK = LinkHealth(connected=True, broker="b", since=0, at=NOW)
VIEW = View("mock", known_factory(), NOW, "17-3", LINK, NOW)
OLD = (
    '{"command":{"command_id":"c","kind":"park","environment":"mock","operator":"anna",'
    '"role":"admin","created_at":1.0,"source":"cli"},"part":"decision","decision":"accepted",'
    '"at":1.0,"topic":"ccu/set/park","payload":"{}"}'
)


def decided(kind: str, **parameters: str) -> AuditRecord:
    command = command_of(kind, parameters=parameters)
    return audit_record(command, decide(command, NOW, VIEW, lambda: "id"), VIEW)


def test_the_record_of_a_sequence_holds_the_bytes_of_every_step() -> None:
    record = decided("module-sequence", module="MILL", colour="RED")
    assert record.decision is Stage.ACCEPTED
    sent = [record.payload, *(payload for _, payload in record.later)]
    assert [word for word in ("PICK", "MILL", "DROP") for p in sent if f'"{word}"' in p] == [
        "PICK",
        "MILL",
        "DROP",
    ]
    assert {record.topic} == {topic for topic, _ in record.later}
    assert record.journal_id == "17-3"


def test_a_record_of_an_earlier_release_reads_and_the_chain_holds_over_both() -> None:
    assert AuditRecord.model_validate_json(OLD).later == ()
    bodies = (OLD.encode(), decided("park").model_dump_json().encode())
    first = seal("", bodies[0])
    rows = [
        (b"1-0", {DATA: bodies[0], b"before": b"", b"seal": first.encode()}),
        (
            b"2-0",
            {
                DATA: bodies[1],
                b"before": first.encode(),
                b"seal": seal(first, bodies[1]).encode(),
            },
        ),
    ]
    assert broken(rows, "") is None
