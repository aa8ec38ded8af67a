"""Each rule of the house finds what breaks it, and lets pass what does not.

The rules themselves are held by `make check`: `python -m tools.house_rules`.
"""

import pytest

from tools.house_rules import (
    RULES,
    Rule,
    SourceFile,
    circle,
    ids_taken_apart,
    kinds_by_name,
    long_files,
    long_functions,
    other_clocks,
    shared_names,
    vague_names,
)

LONG_BODY = "".join("    x = 1\n" for _ in range(50))
CASES: dict[str, tuple[Rule, tuple[SourceFile, ...], str]] = {
    "a file of more than 300 lines": (
        long_files,
        (SourceFile("tests/long.py", "x = 1\n" * 301), SourceFile("omf/short.py", "x = 1\n" * 300)),
        "tests/long.py",
    ),
    "a function of more than 50 lines": (
        long_functions,
        (
            SourceFile("omf/a.py", f"def f():\n{LONG_BODY}"),
            SourceFile("tests/b.py", f"def g():\n{LONG_BODY}"),
        ),
        "omf/a.py",
    ),
    "a method of more than 50 lines": (
        long_functions,
        (SourceFile("services/a.py", "class A:\n  async def f():\n" + LONG_BODY),),
        "services/a.py",
    ),
    "a file with a vague name": (vague_names, (SourceFile("omf/utils.py", ""),), "utils"),
    "a class with a vague name": (
        vague_names,
        (SourceFile("services/x.py", "class FileHelper: ...\nclass WorkflowOrderManager: ...\n"),),
        "FileHelper",
    ),
    "another clock": (
        other_clocks,
        (
            SourceFile("services/x.py", "import time\nnow = time.time()\n"),
            SourceFile("services/common/process/clock.py", "now = time.time()\n"),
        ),
        "services/x.py",
    ),
    "an id taken apart": (
        ids_taken_apart,
        (SourceFile("services/x.py", 'ms, _, n = message_id.partition("-")\n'),),
        "services/x.py:1",
    ),
    "a factory judged by its name": (
        kinds_by_name,
        (SourceFile("services/x.py", 'if screen.environment != "replay":\n    pass\n'),),
        "services/x.py:1",
    ),
    "the factory of one name": (
        kinds_by_name,
        (SourceFile("services/x.py", 'a = models["mock"]\n'),),
        "services/x.py:1",
    ),
    "a class with two homes": (
        shared_names,
        (
            SourceFile("omf/a.py", "class Row: ...\n"),
            SourceFile("services/b.py", "class Row: ...\n"),
        ),
        "Row is defined in omf/a.py, services/b.py",
    ),
    "a constant with two homes": (
        shared_names,
        (
            SourceFile("omf/a.py", "A, LIMIT_S = 1, 2\n"),
            SourceFile("omf/b.py", "LIMIT_S: int = 2\n"),
        ),
        "LIMIT_S is defined in omf/a.py, omf/b.py",
    ),
}


def _found(rule: Rule, files: tuple[SourceFile, ...]) -> list[str]:
    if rule is shared_names:
        return list(shared_names(files, frozenset()))
    return list(rule(files))


@pytest.mark.parametrize("name", CASES)
def test_a_rule_finds_what_breaks_it_and_nothing_else(name: str) -> None:
    rule, files, said = CASES[name]
    [line] = _found(rule, files)
    assert said in line


def test_names_of_a_files_own_and_of_tests_may_stand_twice() -> None:
    text = "_LIMIT = 1\nclass _Row: ...\nlimit = 2\n"
    own = (SourceFile("omf/a.py", text), SourceFile("omf/b.py", text))
    tests = (SourceFile("tests/a.py", "LIMIT = 1\n"), SourceFile("omf/c.py", "LIMIT = 1\n"))
    assert list(shared_names((*own, *tests), frozenset())) == []


def test_a_name_that_got_one_home_leaves_the_list_of_exceptions() -> None:
    files = (SourceFile("omf/a.py", "LIMIT = 1\n"),)
    [line] = shared_names(files, frozenset({"LIMIT"}))
    assert "take it off the list" in line


def test_a_circle_of_imports_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": set()})
    assert not circle({"a": {"b"}, "b": {"c"}, "d": set()})


def test_every_rule_says_what_it_holds() -> None:
    assert all(rule.__doc__ for rule in RULES)
