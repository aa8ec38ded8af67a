"""`omf why`: each kind of thing, in three languages, what nobody knows, and an unread archive."""

import json
from contextlib import closing
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from typer.testing import CliRunner

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.texts import LANGUAGES
from omf.workpieces.collect import collect
from services.cli import app
from services.common.store.bus import store
from services.common.store.keys import JOURNAL, CommandEvent, Stage, key
from tests.support.archives import filled, merged
from tests.support.command_examples import command_of
from tests.support.shared import recording

WHITE, DPS, ORDER = "c3badc5271c14a", "SVR4H73275", "production-order"
LONG_AGO_MS = 365 * 86_400_000
COMMAND = command_of(ORDER, type="WHITE")


@cache
def said() -> list[Message]:
    """A session with a piece that fails its check."""
    return list(recording("white-storage-production-nok_20260807_114322"))


def earlier(message: Message) -> Message:
    ms, sequence = StreamId.parse(message.id)
    return message._replace(id=f"{ms - LONG_AGO_MS}-{sequence}")


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the same session a year before."""
    place = tmp_path_factory.mktemp("archive")
    merged(filled(place, list(map(earlier, said())), 1000))
    return place


@pytest.fixture(autouse=True)
def told(store_url: str, tmp_path: Path, archived: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store with the session and one command, and the archive."""
    monkeypatch.setenv("OMF_STORE_URL", store_url)
    monkeypatch.setenv("OMF_DATA", str(tmp_path))
    copytree(archived, tmp_path / "history" / "mock")
    known = {"command_id": COMMAND.command_id, "kind": COMMAND.kind}
    event = CommandEvent(**known, stage=Stage.ACCEPTED, at=2.0, evidence=("17-0",))
    with closing(store(store_url)) as client, client.pipeline(transaction=False) as pipe:
        for message in said():
            fields = {"t": message.topic, "p": message.payload, "q": message.qos}
            pipe.xadd(key("mock", f"buffer:{JOURNAL}"), fields, message.id)
        life = [COMMAND.model_dump_json(), event.model_dump_json()]
        pipe.rpush(key("mock", f"command:{COMMAND.command_id}"), *life)
        pipe.execute()


def why(*words: str, language: str = "en") -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["why", *words], env={"LC_ALL": f"{language}_XX.UTF-8"})
    return done.exit_code, done.stdout, done.stderr


def clauses(wanted: str, language: str) -> list[dict[str, Any]]:
    code, out, err = why(wanted, "--json", language=language)
    assert (code, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def an_order() -> str:
    return next(
        str(json.loads(one.payload)["orderId"])
        for one in said()
        if one.topic == "ccu/order/response"
    )


def test_each_kind_of_thing_is_told_in_each_language() -> None:
    wanted = {
        "piece": WHITE,
        "order": an_order(),
        "module": DPS,
        "vehicle": "5iO4",
        "alarm": f"device-silent:{DPS}",
        "command": COMMAND.command_id,
    }
    for kind, name in wanted.items():
        found = {language: clauses(name, language) for language in LANGUAGES}
        lines = {tuple(one["text"] for one in rows) for rows in found.values()}
        assert len(lines) == len(LANGUAGES), kind
        places = [[(one["at"], one["evidence"]) for one in rows] for rows in found.values()]
        assert places[0] == places[1] == places[2], kind


def test_for_people_each_clause_has_its_time_and_where_it_is_from() -> None:
    code, out, _ = why(WHITE)
    assert code == 0
    assert out.splitlines()[0].endswith(WHITE)
    [failed] = [line for line in out.splitlines() if "AIQS checked it: not passed" in line]
    assert failed.startswith("2026-08-07T")


def test_what_only_the_archive_knows() -> None:
    [life] = [one for one in collect(list(map(earlier, said()))).lives if one.tag == WHITE]
    code, out, err = why(life.id, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out.splitlines()[0])["evidence"] == [life.begun_by]


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_what_nobody_knows(language: str) -> None:
    code, out, err = why("nobody", language=language)
    assert (code, out) == (1, "")
    assert err.startswith("omf: Nothing is known of nobody")


def test_an_archive_that_cannot_be_read_is_not_an_unknown_thing(tmp_path: Path) -> None:
    [manifest] = tmp_path.glob("history/mock/*/manifest.json")
    manifest.write_text("{")
    code, out, err = why("nobody")
    assert (code, out) == (1, "")
    assert "The archive could not be read" in err
    assert "manifest.json is damaged" in err
    assert "Nothing is known" not in err
    assert why(WHITE)[0] == 0, "what the store knows is told all the same"


def test_a_damaged_file_of_lives_is_named(tmp_path: Path) -> None:
    [damaged, *_] = tmp_path.glob("history/mock/*/lives-*.parquet")
    damaged.write_bytes(b"")
    code, _, err = why("nobody")
    assert code == 1
    assert damaged.name in err
    assert "could not be read" in err
