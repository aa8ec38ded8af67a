"""Golden sessions as files: kept whole or not at all, checked; what is wrong with one is said."""

import gzip
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from omf.alarms.rule_data import BUILT_IN, with_site
from omf.analysis.golden import GoldenRow
from omf.analysis.shifts import default_shifts
from omf.texts import LANGUAGES
from services.common.sessions.files import Recorded, SessionError, read
from services.common.sessions.golden_files import GoldenError, GoldenOrigin, read_golden
from services.common.sessions.golden_folder import GoldenFolder, GoldenRules, _compared
from tests.support.folds import every_recording
from tests.support.shared import shared_path

NOK = "white-storage-production-nok_20260807_114322"
ORDER = "621db0f2-c564-4d79-94cc-a4c60206f027"
AS_DELIVERED = GoldenRules(BUILT_IN, "", default_shifts())
SITE = "version: 1\nrules:\n  quality-failed: {enabled: false}\n"


def session(name: str = NOK) -> Path:
    return shared_path("recordings", f"{name}.jsonl.gz")


def keep(folder: GoldenFolder, name: str = "nok", of: str = NOK) -> None:
    folder.keep(name, session(of), GoldenOrigin(source=of), AS_DELIVERED)


@pytest.fixture
def folder(tmp_path: Path) -> GoldenFolder:
    return GoldenFolder(tmp_path / "golden")


def rewrite(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    path.write_bytes(gzip.compress("".join(f"{one}\n" for one in change(lines)).encode()))


@every_recording
def test_each_recording_checked_is_as_it_was_kept(name: str, folder: GoldenFolder) -> None:
    keep(folder, "it", name)
    done = folder.check("it", AS_DELIVERED)
    assert done.differences == ()
    assert done.messages == len(list(read(session(name))))
    assert done.rules_then == done.rules_now == BUILT_IN.version
    assert done.rows == folder.head("it").rows


def test_a_golden_session_is_a_session_still(folder: GoldenFolder) -> None:
    keep(folder)
    again = [one for one in read(folder.path("nok")) if isinstance(one, Recorded)]
    assert again == list(read(session()))


def test_a_rule_of_the_site_shows_the_alarm_that_would_be_missing(folder: GoldenFolder) -> None:
    keep(folder)
    done = folder.check("nok", GoldenRules(with_site(SITE), SITE, default_shifts()))
    assert [(one.change, one.id) for one in done.differences] == [
        ("missing", f"quality-failed:{ORDER}")
    ]
    assert done.rules_now != done.rules_then


def test_a_message_changed_by_hand_shows_the_order(folder: GoldenFolder) -> None:
    keep(folder)

    def finished(lines: list[str]) -> list[str]:
        return [
            one.replace('\\"ERROR\\"', '\\"FINISHED\\"') if "order/completed" in one else one
            for one in lines
        ]

    rewrite(folder.path("nok"), finished)
    told = {(one.kind, one.change, one.id) for one in folder.check("nok", AS_DELIVERED).differences}
    assert ("order", "changed", ORDER) in told
    assert ("alarm", "missing", f"quality-failed:{ORDER}") in told


def test_a_taken_name_is_kept_for_the_first(folder: GoldenFolder) -> None:
    keep(folder)
    before = folder.path("nok").read_bytes()
    with pytest.raises(GoldenError, match="there already"):
        keep(folder)
    assert folder.path("nok").read_bytes() == before
    assert folder.names() == ["nok"]


def test_what_cannot_be_kept_leaves_no_trace(folder: GoldenFolder, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    with pytest.raises(SessionError):
        folder.keep("it", empty, GoldenOrigin(source="it"), AS_DELIVERED)
    for name in ("", "../it", "a/b", ".hidden", "x" * 200):
        with pytest.raises(GoldenError):
            folder.keep(name, session(), GoldenOrigin(source="it"), AS_DELIVERED)
    assert list(tmp_path.rglob("*.gz")) == []


def test_removed_is_gone(folder: GoldenFolder) -> None:
    keep(folder)
    folder.remove("nok")
    assert folder.names() == []
    for act in (folder.remove, folder.head):
        with pytest.raises(GoldenError, match="no golden session"):
            act("nok")


def newer(lines: list[str]) -> list[str]:
    return [json.dumps({**json.loads(lines[0]), "golden": 2}), *lines[1:]]


def headless(lines: list[str]) -> list[str]:
    return lines[1:]


def bad_head(lines: list[str]) -> list[str]:
    return ['{"golden": 1, "name": "nok"}', *lines[1:]]


def cut(lines: list[str]) -> list[str]:
    return lines[:-5]


def without_a_message(lines: list[str]) -> list[str]:
    return [*lines[:100], *lines[101:]]


def bad_message(lines: list[str]) -> list[str]:
    return [*lines[:100], '{"topic": "a", "payload": "b", "ts": "soon"}', *lines[101:]]


def bad_row(lines: list[str]) -> list[str]:
    return [*lines[:-1], '{"kind": "wish", "id": "", "facts": {}}']


def no_json(lines: list[str]) -> list[str]:
    return [*lines[:7], "…{", *lines[8:]]


def only_rows(lines: list[str]) -> list[str]:
    return [lines[0], *(one for one in lines[1:] if '"topic"' not in one)]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (newer, "format 2"),
        (headless, "no golden session"),
        (bad_head, "Line 1 .*origin"),
        (cut, "not whole"),
        (without_a_message, "not whole"),
        (bad_message, "Line 101 .*ts"),
        (bad_row, "damaged .*kind"),
        (no_json, "Line 8 .*no JSON"),
        (only_rows, "no message"),
        (lambda _: [], "no golden session"),
    ],
)
def test_a_file_that_is_not_right_says_what_is_wrong(
    damage: Callable[[list[str]], list[str]], said: str, folder: GoldenFolder
) -> None:
    keep(folder)
    rewrite(folder.path("nok"), damage)
    with pytest.raises(GoldenError, match=said) as found:
        folder.check("nok", AS_DELIVERED)
    assert all(found.value.told.in_(language) for language in LANGUAGES)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04zip", b"\x1f\x8bhalf", b"\xff\xfe", b"[]"])
def test_another_file_under_the_name_is_told_from_one(content: bytes, folder: GoldenFolder) -> None:
    keep(folder)
    folder.path("nok").write_bytes(content)
    for act in (folder.head, lambda name: folder.check(name, AS_DELIVERED)):
        with pytest.raises(GoldenError):
            act("nok")


def test_a_file_cut_short_is_damaged(folder: GoldenFolder) -> None:
    keep(folder)
    whole = folder.path("nok").read_bytes()
    folder.path("nok").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GoldenError, match="damaged"):
        folder.check("nok", AS_DELIVERED)


def test_progress_is_told(folder: GoldenFolder) -> None:
    keep(folder)
    seen: list[int] = []
    folder.check("nok", AS_DELIVERED, seen.append)
    assert seen == [1000]


@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [{}], [None], [[1]], {"en": "x"}])
def test_results_changed_by_hand_are_compared_or_said_to_be_odd(
    value: object, folder: GoldenFolder
) -> None:
    keep(folder)
    rows = [one for one in read_golden(folder.path("nok")) if isinstance(one, GoldenRow)]
    chosen = {one.kind: one for one in rows if one.kind != "figure" or one.facts["value"]}
    odd = [
        (one.model_copy(update={"facts": {**one.facts, name: value}}), one)
        for one in chosen.values()
        for name in one.facts
    ]
    odd += [(one.model_copy(update={"facts": {}}), one) for one in chosen.values()]
    for one, now in odd:
        with suppress(GoldenError):
            assert all(told.sentence.fr for told in _compared([one], [now]))


def test_what_an_older_release_did_not_tell_is_no_difference(folder: GoldenFolder) -> None:
    keep(folder)

    def older(lines: list[str]) -> list[str]:
        rows = [json.loads(one) for one in lines]
        for one in rows:
            one.get("facts", {}).pop("colour", None)
        return [json.dumps(one) for one in rows]

    rewrite(folder.path("nok"), older)
    assert folder.check("nok", AS_DELIVERED).differences == ()
