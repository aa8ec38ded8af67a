import pytest
from prometheus_client import REGISTRY
from redis._parsers.base import BaseParser
from redis.exceptions import ConnectionError as AwayError

from omf.topics.catalogue import address
from services.common.mqtt.link import LinkState
from services.common.mqtt.publish_parser import ReceivedMessage
from services.ingest import metrics
from services.ingest.batch_builder import BatchBuilder
from services.ingest.routes import Routes
from services.ingest.stream_ids import StreamIdGenerator


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("OOM command not allowed when used memory > 'maxmemory'.", "full"),
        ("MISCONF Redis is configured to save RDB snapshots, but it is unable to", "disk"),
        ("NOPERM User ingest has no permissions to run the 'xadd' command", "rights"),
        ("WRONGPASS invalid username-password pair or user is disabled.", "rights"),
        ("NOAUTH Authentication required.", "rights"),
        ("LOADING Redis is loading the dataset in memory", "away"),
    ],
)
def test_what_the_store_says_is_told_as_one_of_four_reasons(said: str, meaning: str) -> None:
    error = BaseParser.parse_error(said)
    assert metrics.refusal(f"{type(error).__name__}: {error}") == meaning


def test_a_store_that_is_gone_is_away_and_a_good_one_is_nothing() -> None:
    assert metrics.refusal(f"ConnectionError: {AwayError('Connection refused')}") == "away"
    assert metrics.refusal("") == ""


def test_each_message_counts_for_the_class_that_first_shows_it() -> None:
    topics = [
        address("module_state", serial="X"),
        address("ccu_order_request"),
        "made/up",
        "made/up",
    ]
    messages = [
        ReceivedMessage(t.encode(), b"{}", 1, False, False, n)  # noqa: FBT003
        for n, t in enumerate(topics, 1)
    ]
    for mirrored in (1, 6):
        batch = BatchBuilder(Routes(mirrored), StreamIdGenerator()).batch([(messages, 1.0)])
        assert list(batch.classes) == [0, 1, 0, 1, 0, 0, 2]


def test_the_link_and_the_queue_are_asked_at_the_scrape() -> None:
    state = LinkState(detail="10.0.0.1:1883 refused the login: Not authorized")
    metrics.follow(lambda: state, lambda: 7)
    found = {
        name: REGISTRY.get_sample_value(f"omf_ingest_{name}")
        for name in ("broker_connected", "login_refused", "queue")
    }
    assert found == {"broker_connected": 0, "login_refused": 1, "queue": 7}
    state = state.opened(1.0, session_present=True)
    assert REGISTRY.get_sample_value("omf_ingest_login_refused") == 0
