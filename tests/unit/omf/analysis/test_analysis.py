"""What a session tells: orders and steps by arrival, losses, silences, and nothing made up."""

import json
from pathlib import Path

import pytest

from omf.analysis import Analysis, EmptySessionError, analyse, compare
from omf.analysis.traffic import digest
from omf.durations import USUAL_DURATIONS
from omf.messages.message import Message
from omf.topics.catalogue import address
from services.replay import report
from tests.support.shared import RECORDINGS, recording, truth

NOK = "ml-wrb-red-nok_20260807_130729"
SERIAL = "SVR3QA0022"
RUN = {"requested": 0, "FINISHED": 1, "ERROR": 1}


@pytest.fixture(scope="module")
def nok() -> Analysis:
    return analyse(list(recording(NOK)))


def heartbeat(at: float, header: int) -> Message:
    body = {"connectionState": "ONLINE", "serialNumber": SERIAL, "headerId": header}
    topic = address("module_connection", serial=SERIAL)
    return Message(topic, json.dumps(body).encode(), f"{int(at * 1000)}-0")


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_order_that_ran_is_told_with_its_end(name: str) -> None:
    told = truth(name)["orders"]
    found = analyse(list(recording(name)))
    own = {o["orderId"]: o["final_state"] for o in told if not o["carried_over"]}
    assert {order.id: order.state for order in found.orders} == own
    assert found.carried_over == len(told) - len(own)


def test_the_step_that_failed_and_the_one_that_was_held_up_stand_out_alone(nok: Analysis) -> None:
    odd = [
        (order.colour, step.name, step.verdict)
        for order in nok.orders
        for step in order.steps
        if step.verdict in {"failed", "slow", "fast", "unknown"}
    ]
    assert odd == [("RED", "HBW → MILL", "slow"), ("RED", "AIQS.CHECK_QUALITY", "failed")]


def test_a_finished_step_has_both_times_and_lasts_about_as_long_as_recorded(nok: Analysis) -> None:
    steps = [s for order in nok.orders for s in order.steps if not s.drive]
    ended = [step for step in steps if step.state == "FINISHED"]
    assert len(ended) == 25
    for step in ended:
        least, _, most = USUAL_DURATIONS[step.name]
        assert step.duration_s is not None
        assert least - 1.5 < step.duration_s < most + 1.5, step


def test_a_step_that_never_began_has_no_time(nok: Analysis) -> None:
    steps = [
        s for order in nok.orders for s in order.steps if s.verdict in {"waiting", "cancelled"}
    ]
    assert len(steps) == 8 + 3
    assert all(step.began_at is step.ended_at is step.duration_s is None for step in steps)


def test_the_bridge_counts_over_its_topics_together_so_a_whole_recording_has_no_gap(
    nok: Analysis,
) -> None:
    assert not any(row.gaps or row.reboots for row in nok.sequences)
    assert [row.source for row in nok.sequences if not row.countable] == [
        "module/v1/ff/SVR4H73275"  # two counters mixed (PROTOCOL F.23)
    ]


def test_a_reboot_is_no_gap_and_a_gap_is_no_reboot() -> None:
    numbers = [30, 31, 34, 35, 0, 1, 2]
    found = analyse([heartbeat(15.0 * i, number) for i, number in enumerate(numbers)])
    (row,) = found.sequences
    assert [(gap.missing, gap.at) for gap in row.gaps] == [(2, 30.0)]
    assert row.reboots == (60.0,)


def test_silence_is_told_for_the_device_and_for_everybody() -> None:
    found = analyse([heartbeat(at, int(at)) for at in (0.0, 2.0, 62.0)])
    told = {row.source: row.ended_at - row.began_at for row in found.silences}
    assert told == {"*": 60.0, SERIAL: 60.0}


def test_what_cannot_be_read_is_told_with_its_reason() -> None:
    topic = address("module_state", serial=SERIAL)
    found = analyse(
        [heartbeat(0, 1), Message(topic, b"{", "1000-0"), Message("x/y", b"1", "2000-0")]
    )
    assert [(row.topic, row.reason) for row in found.rejects] == [(topic, "not_json")]
    assert [finding.topic for finding in found.drift.topics] == ["x/y"]


def test_a_session_of_nothing_is_refused() -> None:
    with pytest.raises(EmptySessionError):
        analyse([])


def test_a_session_is_the_same_as_itself_and_differs_from_another(nok: Analysis) -> None:
    assert compare(nok, nok).verdict == "identical"
    held = compare(nok, analyse(list(recording("storage-blue_20260303_080705"))))
    assert held.verdict == "different"
    (blue,) = (pair for pair in held.orders if (pair.type, pair.colour) == ("STORAGE", "BLUE"))
    assert (blue.a.count, blue.b.count) == (1, 1)
    pick = next(pair for pair in held.steps if pair.name == "HBW.PICK")
    assert (pick.a.count, pick.b.count, pick.usual) == (3, 1, USUAL_DURATIONS["HBW.PICK"])


def test_two_sessions_agree_to_the_byte_by_topic_by_count_or_not_at_all() -> None:
    first = [("a", b"1"), ("b", b"2"), ("a", b"3")]

    def verdict(second: list[tuple[str, bytes]]) -> str:
        pair = [
            analyse([Message(topic, said, f"{i}-1") for i, (topic, said) in enumerate(session)])
            for session in (first, second)
        ]
        return compare(*pair).verdict

    assert verdict(first) == "identical"
    assert verdict([first[1], first[0], first[2]]) == "interleaved"
    assert verdict([first[2], first[1], first[0]]) == "counts"
    assert verdict(first[:2]) == "different"


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_fingerprint_of_a_session_is_that_of_its_truth(name: str) -> None:
    assert digest(recording(name)) == truth(name)["payload_stream_sha256"]


def test_the_report_is_one_file_in_two_languages_that_loads_nothing(
    nok: Analysis, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    report.write(page, "<b>nok</b>", nok, comparison=("other", compare(nok, nok)))
    text = page.read_text("utf-8")
    head = text[: text.index("<style>")]
    assert "default-src 'none'" in head
    assert "<script src" not in text
    assert "<link" not in text
    assert "PRODUCTION RED: AIQS.CHECK_QUALITY fehlgeschlagen" in text
    assert "PRODUCTION RED: AIQS.CHECK_QUALITY failed" in text
    assert "<b>nok</b>" not in text


def test_what_a_stranger_says_is_never_markup_in_the_report(tmp_path: Path) -> None:
    evil = '</script><img src=x onerror="x()">'
    order = {
        "orderId": evil, "orderType": evil, "type": evil, "state": evil,
        "productionSteps": [{"id": evil, "type": "MANUFACTURE", "moduleType": evil, "state": evil}],
    }  # fmt: skip
    payload = json.dumps([order]).encode()
    found = analyse(
        [
            Message(address("ccu_order_active"), payload, "1000-0"),
            Message(f"{evil[1:]}", b"{", "2000-0"),
        ]
    )
    assert len(found.orders) == 1
    page = tmp_path / "report.html"
    report.write(page, evil, found)
    assert "<img" not in page.read_text("utf-8").replace('"<img', "").replace("'<img", "")
