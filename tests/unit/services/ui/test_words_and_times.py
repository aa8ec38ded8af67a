"""Figures, ages, visitors and the guard at the door."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.common.auth.security_middleware import SecurityMiddleware
from services.common.store.keys import Role
from services.ui import formats
from services.ui.auth import current_user
from services.ui.auth.request_rules import PAGE_HEADERS, page_rules
from services.ui.settings import UiSettings


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "—"),
        (-3, "0 s"),
        (0.4, "0 s"),
        (42, "42 s"),
        (119, "119 s"),
        (121, "2 min"),
        (7_300, "2 h"),
        (200_000, "2 d"),
    ],
)
def test_an_age_is_told_as_coarsely_as_it_is_read(seconds: float | None, words: str) -> None:
    assert formats.age(seconds, "en") == words


def test_the_unit_of_a_day_is_that_of_the_language() -> None:
    assert formats.age(200_000, "fr") == "2 j"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "—"),
        (9.84, "9.8 s"),
        (45.2, "45 s"),
        (59.7, "1 min"),
        (63, "1 min 3 s"),
        (180, "3 min"),
        (3_599.8, "1 h"),
        (3_900, "1 h 5 min"),
    ],
)
def test_a_duration_reads_as_it_is_spoken(seconds: float | None, words: str) -> None:
    assert formats.took(seconds, "en") == words


def test_figures_follow_the_language() -> None:
    assert formats.number(5120, "de") == "5.120"
    assert formats.number(5120.25, "en", 1) == "5,120.2"
    assert formats.number(None, "de") == "—"
    assert formats.size(9_800, "de") == "9,8 kB"
    assert formats.size(3_100_000, "en") == "3.1 MB"
    assert formats.date_and_time(0, "utc", "de") == "01.01.1970 00:00:00"
    assert formats.moment(1.5, "utc", millis=True) == "00:00:01.500"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https:evil", "/\\evil", "https://evil.example/", "evil", "\\\\evil"],
)
def test_a_link_never_leads_people_elsewhere(target: str) -> None:
    assert current_user.back(target) == "/"


def test_a_path_of_ours_is_kept() -> None:
    assert current_user.back("/mock/messages?class=2") == "/mock/messages?class=2"


def _request(cookies: str = "", language: str = "") -> Request:
    headers = [(b"cookie", cookies.encode()), (b"accept-language", language.encode())]
    return Request({"type": "http", "headers": headers, "client": ("127.0.0.1", 1)})


def _settings(host: str) -> UiSettings:
    return UiSettings(ui_host=host, environments=("live", "mock"))


@pytest.mark.parametrize(
    ("host", "environment", "role"),
    [
        ("127.0.0.1", "mock", Role.ADMIN),
        ("localhost", "replay", Role.ADMIN),
        ("127.0.0.1", "live", Role.VIEWER),
        ("0.0.0.0", "mock", Role.VIEWER),  # noqa: S104 - the case to be refused
        ("factory.example", "mock", Role.VIEWER),
    ],
)
def test_only_a_closed_machine_and_a_factory_that_is_not_real_let_an_administrator_in(
    host: str, environment: Any, role: Role
) -> None:
    trusting = _settings(host).local
    assert current_user.of(_request(), environment, trusting=trusting).role is role


def test_the_language_is_the_chosen_one_else_the_browsers_else_english() -> None:
    chosen = current_user.of(_request("omf_language=en", "de-DE"), "mock", trusting=True)
    asked = current_user.of(_request("omf_language=xx", "it, fr;q=0.5"), "mock", trusting=True)
    assert (chosen.language, asked.language) == ("en", "fr")
    assert current_user.of(_request("", "it"), "mock", trusting=True).language == "en"


def test_a_role_may_all_that_stands_before_it() -> None:
    operator = current_user.CurrentUser("a", Role.OPERATOR, "test")
    assert operator.may("viewer")
    assert operator.may("operator")
    assert not operator.may("supervisor")


async def _get(*, local: bool, headers: dict[str, str]) -> httpx.Response:
    app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("in"))])
    transport = httpx.ASGITransport(SecurityMiddleware(app, page_rules(local=local)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        return await client.get("/", headers=headers)


async def test_every_answer_carries_the_security_headers() -> None:
    answer = await _get(local=True, headers={})
    assert answer.text == "in"
    assert {name: answer.headers[name] for name in PAGE_HEADERS} == PAGE_HEADERS
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        *(("http://evil.example", 403), ("null", 403), ("http://127.0.0.1:8080", 200)),
        *(("http://[", 403), ("http://127.0.0.1:8080@evil.example", 403), ("", 403)),
    ],
)
async def test_a_foreign_page_gets_no_word_in(origin: str, status: int) -> None:
    assert (await _get(local=False, headers={"origin": origin})).status_code == status


async def test_a_name_rebound_to_this_machine_is_refused_where_no_login_protects() -> None:
    rebound = {"host": "evil.example:8080"}
    assert (await _get(local=True, headers=rebound)).status_code == 403
    assert (await _get(local=False, headers=rebound)).status_code == 200


async def test_a_foreign_page_cannot_open_a_socket() -> None:
    sent: list[dict[str, Any]] = []
    headers = [(b"host", b"127.0.0.1:8080"), (b"origin", b"http://evil.example")]

    async def send(message: Any) -> None:
        sent.append(message)

    async def never(*_: Any) -> Any:
        pytest.fail("the request was let through")

    guard = SecurityMiddleware(never, page_rules(local=True))
    await guard({"type": "websocket", "headers": headers}, never, send)
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_environments_come_as_a_comma_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMF_ENVIRONMENTS", "mock, replay")
    assert UiSettings().environments == ("mock", "replay")


async def test_a_crowd_gets_no_further_page_but_those_inside_go_on() -> None:
    routes = [Route(path, lambda _: PlainTextResponse("in")) for path in ("/", "/static/base.css")]
    rules = page_rules(local=True, crowded=lambda _: True)
    guard = SecurityMiddleware(Starlette(routes=routes), rules)
    transport = httpx.ASGITransport(guard)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        refused = await client.get("/")
        assert refused.status_code == 503
        assert int(refused.headers["refresh"]) == int(refused.headers["retry-after"]) > 0
        assert "by itself" in refused.text
        assert (await client.get("/static/base.css")).status_code == 200


def test_a_time_of_another_day_is_told_with_its_day() -> None:
    evening = datetime(2026, 8, 7, 23, 50, 1, 250_000, tzinfo=UTC).timestamp()
    when = partial(formats.when, evening, clock="utc")
    assert when(now=evening + 60, language="de") == "23:50:01"
    assert when(now=evening + 60, language="de", millis=True) == "23:50:01.250"
    assert when(now=evening + 900, language="de") == "07.08. 23:50"
    assert when(now=evening + 900, language="en", millis=True) == "08-07 23:50:01"
    assert formats.zone("utc", evening) == "UTC"


def test_local_time_is_that_of_the_zone_the_process_was_given() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "from services.ui import formats; print(formats.zone('local', 0))"],
        env={**os.environ, "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "JST"
