"""Commands, sign-ins and streams: what each may take, whatever the clock does and who comes."""

from contextlib import ExitStack, suppress

import pytest

from services.common.auth import rate_limiter
from services.common.auth.rate_limiter import (
    LOCK_S,
    MAX_FAILURES,
    MAX_LIMITED_NAMES,
    MAX_STREAMS_PER_CLIENT,
    MINUTE_S,
    TRIES_PER_MINUTE,
    LoginThrottle,
    RateLimiter,
    StreamLimiter,
)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_ten_permissions_at_once_then_ten_a_second() -> None:
    pace = RateLimiter()
    assert [pace.wait_s("mes", 0.0) for _ in range(10)] == [0.0] * 10
    assert pace.wait_s("mes", 0.0) == pytest.approx(0.1)
    assert pace.wait_s("erp", 0.0) == 0.0
    assert [pace.wait_s("mes", 0.1) > 0 for _ in range(2)] == [False, True]
    assert sum(pace.wait_s("mes", 1000.0) == 0 for _ in range(30)) == 10


def test_a_clock_that_steps_back_gives_nothing_away_and_blocks_nobody_for_an_hour() -> None:
    pace = RateLimiter()
    assert sum(pace.wait_s("anna", 3600.0) == 0 for _ in range(20)) == 10
    assert pace.wait_s("anna", 0.0) > 0
    assert pace.wait_s("anna", 0.2) == 0


def test_invented_names_fill_no_memory_and_push_out_who_was_longest_silent() -> None:
    pace = RateLimiter()
    for number in range(MAX_LIMITED_NAMES):
        pace.wait_s(f"forged {number}", 0.0)
        pace.wait_s("anna", 0.0)
    assert pace.wait_s("anna", 0.0) > 0
    assert len(pace) == MAX_LIMITED_NAMES


def test_an_address_may_try_five_times_a_minute() -> None:
    clock = Clock()
    attempts = LoginThrottle(clock)
    assert [attempts.wait_s("a", f"name{n}") for n in range(TRIES_PER_MINUTE)] == [
        0.0
    ] * TRIES_PER_MINUTE
    assert attempts.wait_s("a", "other") == MINUTE_S
    assert attempts.wait_s("b", "other") == 0.0
    clock.at += MINUTE_S
    assert attempts.wait_s("a", "other") == 0.0


def test_five_failures_lock_a_name_for_five_minutes_whatever_the_address() -> None:
    clock = Clock()
    attempts = LoginThrottle(clock)
    for number in range(MAX_FAILURES):
        assert attempts.wait_s(f"address{number}", "anna") == 0.0
        attempts.failed("anna")
    assert attempts.wait_s("fresh", "anna") == LOCK_S
    assert attempts.wait_s("fresh", "berta") == 0.0
    clock.at += LOCK_S
    assert attempts.wait_s("fresh", "anna") == 0.0


def test_a_right_password_forgives_earlier_slips() -> None:
    attempts = LoginThrottle(Clock())
    for _ in range(MAX_FAILURES - 1):
        attempts.failed("anna")
    attempts.passed("anna")
    attempts.failed("anna")
    assert attempts.locked_s("anna") == 0.0


def test_what_attempts_remember_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limiter, "MAX_KNOWN_SIGN_INS", 10)
    attempts = LoginThrottle(Clock())
    for number in range(100):
        attempts.wait_s(f"address{number}", f"name{number}")
    assert len(attempts._tries) <= 10
    assert len(attempts._failures) <= 10


def test_a_stream_is_given_back_whatever_ends_the_stream() -> None:
    streams = StreamLimiter()
    with suppress(ValueError), streams.hold("mes"):
        assert streams.taken == 1
        raise ValueError
    assert streams.taken == 0
    held = ExitStack()
    for _ in range(MAX_STREAMS_PER_CLIENT):
        held.enter_context(streams.hold("mes"))
    assert not streams.free("mes")
    assert streams.free("erp")
