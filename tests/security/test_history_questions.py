"""Questions about the archive: what they answer, and that none gets out of their process."""

import re
from pathlib import Path

import pytest

from services.history.manifest import Manifest
from services.history.message_search import MessageQuestion, find_messages
from services.history.query import Question
from services.history.questions import QuestionAnswer, QuestionError
from services.history.questions import ask as ask_question
from services.history.reader import History
from tests.support.archives import LDR, START_MS, filled, lights, merged

SAID = lights(120, every_ms=60_000)
DOCUMENT = Path(__file__).parents[2] / "docs/history.md"


def ask(history: History, sql: str, timeout_s: float = 30, **more: int) -> QuestionAnswer:
    return ask_question(history, Question(sql, **more), timeout_s=timeout_s)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    root = tmp_path_factory.mktemp("asked") / "o'dd" / "mock"
    root.parent.mkdir()
    merged(filled(root, SAID))
    return History(root)


def test_messages_and_fields_answer(history: History) -> None:
    found = ask(
        history, "SELECT id, text FROM messages WHERE topic LIKE '%ldr' ORDER BY id LIMIT 2"
    )
    assert found.columns == ["id", "text"]
    assert found.rows == [[m.id, m.payload.decode()] for m in (SAID[0], SAID[3])]
    field = "SELECT count(*), max(number) FROM field_values WHERE topic = '/j1/txt/1/i/ldr'"
    [[count, high]] = ask(history, f"{field} AND path = 'ldr'").rows
    assert (count, high) == (40, 117.0)
    by_path = "SELECT count(*) FROM messages WHERE (fields->>'$.ldr')::INT >= 100"
    assert ask(history, by_path).rows == [[20]]
    assert ask(history, "SELECT * FROM audit").rows == []
    assert ask(history, "SELECT count(*) FROM states").rows == [[1]]


def test_a_time_range_narrows_and_too_many_rows_are_cut(history: History) -> None:
    since, until = START_MS + 600_000, START_MS + 1_200_000
    counted = "SELECT count(*) FROM messages"
    assert ask(history, counted, since_ms=since, until_ms=until).rows == [[10]]
    found = ask(history, "SELECT id FROM messages", max_rows=7)
    assert (len(found.rows), found.cut) == (7, True)


@pytest.mark.parametrize(
    ("topic_filter", "step"), [("#", 1), (LDR, 3), ("/j1/+/1/i/ldr/#", 3), ("+/+/+/+/+/ldr", 3)]
)
def test_messages_are_found_page_by_page_as_they_were(
    history: History, topic_filter: str, step: int
) -> None:
    wanted = SAID[::step]
    first, more = find_messages(history, MessageQuestion(topic_filter, limit=30))
    assert (first, more) == (wanted[:30], True)
    behind = MessageQuestion(topic_filter, after=first[-1].id, limit=200)
    assert find_messages(history, behind) == (wanted[30:], False)


def test_what_is_looked_for_is_no_pattern_and_no_sql(history: History) -> None:
    for text in ("'", ".*", "%", '"ldr": 1.'):
        assert find_messages(history, MessageQuestion(text=text)) == ([], False)
    assert find_messages(history, MessageQuestion("a.b/(#")) == ([], False)
    assert find_messages(history, MessageQuestion("+", text="ldr")) == ([], False)


@pytest.mark.parametrize("damage", ["gone", "empty", "half", "page", "footer"])
def test_a_damaged_file_is_named_and_the_rest_answers(tmp_path: Path, damage: str) -> None:
    [day] = merged_days(tmp_path)
    path = tmp_path / day.day / day.of("messages")[1].name
    whole = path.read_bytes()
    page = b"x" * 20
    spoilt = {
        "empty": b"",
        "half": whole[: len(whole) // 2],
        "page": whole[:60] + page + whole[60 + len(page) :],
        "footer": whole[:-60] + page + whole[-60 + len(page) :],
    }
    path.unlink()
    if damage in spoilt:
        path.write_bytes(spoilt[damage])
    history = History(tmp_path)
    [[left]] = ask(history, "SELECT count(topic || text) FROM messages").rows
    assert left == 120 - day.of("messages")[1].rows
    assert [str(path) in fault for fault in history.faults] == [True]
    found, _ = find_messages(History(tmp_path), MessageQuestion(limit=200))
    assert len(found) == left


def merged_days(root: Path) -> list[Manifest]:
    archive = filled(root, SAID)
    merged(archive)
    return list(archive.days.values())


HOSTILE = [
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM read_parquet('http://127.0.0.1:9/x.parquet')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM query('COPY (SELECT 1) TO ''/tmp/history-escaped''')",
    "COPY messages TO '{file}'",
    "SELECT 1; COPY (SELECT 1) TO '/tmp/history-escaped'",
    "ATTACH '/tmp/history-escaped' AS a",
    "INSTALL httpfs",
    "SET enable_external_access = true",
    "SELECT getenv('PATH')",
    "SELECT * FROM duckdb_secrets()",
    "'); DROP VIEW messages; --",
    "SELECT \ud83d",
]


@pytest.mark.parametrize("sql", HOSTILE)
def test_a_hostile_question_is_refused_and_touches_nothing(history: History, sql: str) -> None:
    files = {path: path.read_bytes() for path in Path(history.storage.place).glob("*/*")}
    one = next(path for path in files if path.suffix == ".parquet")
    with pytest.raises(QuestionError):
        ask(history, sql.replace("{file}", str(one).replace("'", "''")))
    assert {path: path.read_bytes() for path in Path(history.storage.place).glob("*/*")} == files
    assert not Path("/tmp/history-escaped").exists()  # noqa: S108 - nothing is written there


def test_a_question_without_end_is_ended_and_says_how_to_narrow_it(history: History) -> None:
    endless = "SELECT sum(sin(range)) FROM range(1000000000000000)"
    with pytest.raises(QuestionError, match=r"no answer within 2 s.*files.*narrow it"):
        ask(history, endless, timeout_s=2)


def test_a_question_too_large_for_its_memory_says_so(history: History) -> None:
    greedy = "SELECT list(repeat('x', 100000) || a.range) FROM range(100000) a"
    with pytest.raises(QuestionError, match="narrow it"):
        ask(history, greedy)


def test_the_questions_of_the_document_are_answered(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb  # noqa: PLC0415 - as any tool would

    monkeypatch.chdir(history.storage.place)
    [block] = re.findall(r"```sql\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    questions = [one for one in block.split(";") if one.strip()]
    assert len(questions) == 5
    with duckdb.connect() as connection:
        for question in questions[:4]:
            assert connection.execute(question).fetchall(), question
        assert "events-" in questions[4], "no command was given here"
