"""Ten commands a second and person, whatever the clock does and however many names come."""

import pytest

from services.common.auth.rate_limiter import MAX_KNOWN, RateLimiter


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
    for number in range(MAX_KNOWN):
        pace.wait_s(f"forged {number}", 0.0)
        pace.wait_s("anna", 0.0)
    assert pace.wait_s("anna", 0.0) > 0
    assert len(pace) == MAX_KNOWN
