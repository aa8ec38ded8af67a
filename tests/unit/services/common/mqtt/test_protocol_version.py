"""Which version of MQTT is asked for, whatever the broker did before."""

from services.common.mqtt.protocol_version import CERTAIN_GUESSES, ProtocolVersion


def test_a_broker_that_says_no_is_believed_for_good() -> None:
    version = ProtocolVersion(newest=True)
    assert version.refused()
    version.accepted()
    version.ended()
    assert version.name == "3.1.1"
    assert not version.refused()
    assert not version.unanswered()


def test_a_broker_that_hangs_up_is_asked_again_until_that_is_certain() -> None:
    version = ProtocolVersion(newest=True)
    for _ in range(CERTAIN_GUESSES):
        assert version.mqtt5
        assert version.unanswered()
        assert version.name == "3.1.1"
        version.accepted()
        version.ended()
    assert version.name == "3.1.1"


def test_a_broker_that_answers_neither_is_asked_for_both_in_turn() -> None:
    version = ProtocolVersion(newest=True)
    asked = []
    for _ in range(4):
        asked.append(version.name)
        version.unanswered()
    assert asked == ["5", "3.1.1", "5", "3.1.1"]


def test_a_broker_known_to_speak_5_may_be_silent_for_a_while() -> None:
    version = ProtocolVersion(newest=True)
    version.accepted()
    version.ended()
    assert not version.unanswered()
    assert not version.unanswered()
    assert version.mqtt5
    assert version.unanswered()
    version.accepted()
    version.ended()
    assert version.name == "5"


def test_who_wants_3_1_1_never_asks_for_5() -> None:
    version = ProtocolVersion(newest=False)
    version.unanswered()
    version.accepted()
    version.ended()
    assert version.name == "3.1.1"
