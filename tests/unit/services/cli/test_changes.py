"""`omf changes`: over archive and store, in words and as JSON, with clear refusals."""

import json
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from omf.messages.message import Message
from services.cli import app
from services.common.process import clock
from services.common.store.bus import store
from services.common.store.keys import JOURNAL, key
from tests.support.archives import filled, merged
from tests.support.shared import recording


@cache
def said() -> list[Message]:
    return list(recording("white-storage-production-nok_20260807_114322"))


@pytest.fixture(autouse=True)
def told(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first two thirds lie in the archive, the last two thirds in the journal."""
    monkeypatch.setenv("OMF_STORE_URL", store_url)
    monkeypatch.setenv("OMF_DATA", str(tmp_path))
    third = len(said()) // 3
    merged(filled(tmp_path / "history" / "mock", said()[: 2 * third], 1000))
    with closing(store(store_url)) as client, client.pipeline(transaction=False) as pipe:
        for message in said()[third:]:
            fields = {"t": message.topic, "p": message.payload, "q": message.qos}
            pipe.xadd(key("mock", f"buffer:{JOURNAL}"), fields, message.id)
        pipe.execute()


def changes(*words: str, language: str = "en") -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["changes", *words], env={"LC_ALL": f"{language}_XX.UTF-8"})
    return done.exit_code, done.stdout, done.stderr


def at(share: float) -> str:
    begin, end = said()[0].received_at, said()[-1].received_at
    return clock.iso(begin + share * (end - begin))


def test_what_changed_over_archive_and_store() -> None:
    code, out, err = changes("--from", at(0.2), "--to", at(1.0), "--json")
    assert code == 0
    rows = [json.loads(line) for line in out.splitlines()]
    assert {row["group"] for row in rows} <= {"state", "configuration", "versions", "shapes"}
    [*_, order] = [row for row in rows if row["what"] == "order" and row["after"] == "failed"]
    assert order["before"] == "not known"
    assert order["subject"].startswith("Production White")
    assert "kinds of topics compared" in err


@pytest.mark.parametrize(
    ("language", "word"), [("en", "rejected"), ("de", "aussortiert"), ("fr", "rejetée")]
)
def test_in_the_language_of_who_asks(language: str, word: str) -> None:
    code, out, _ = changes("--from", at(0.2), "--to", at(1.0), language=language)
    assert code == 0
    assert word in out


@pytest.mark.parametrize(
    ("start", "end", "code", "words"),
    [
        (at(0.5), at(0.5), 2, "Both moments are the same"),
        (at(0.8), at(0.2), 2, "lies behind the second"),
        ("2020-01-01T00:00:00Z", at(0.5), 1, "First moment: "),
        (at(0.5), "2100-01-01T00:00:00Z", 1, "Second moment: "),
        ("yesterday-ish", at(0.5), 2, "yesterday-ish"),
        (at(0.5), "noonish", 2, "noonish"),
    ],
)
def test_moments_that_cannot_be_compared(start: str, end: str, code: int, words: str) -> None:
    found, out, err = changes("--from", start, "--to", end)
    assert (found, out) == (code, "")
    assert words in err
