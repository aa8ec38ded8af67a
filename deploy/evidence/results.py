"""The last result of every test, out of the JUnit files of its runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from defusedxml import ElementTree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Verdict = Literal["passed", "failed", "skipped", "no result"]
WORST: tuple[Verdict, ...] = ("failed", "no result", "skipped", "passed")


class ResultsError(ValueError):
    """A file of results cannot be read: the text names it."""


@dataclass(frozen=True)
class TestResult:
    """What a test did when it last ran."""

    verdict: Verdict
    at: str
    """When its run began, as the file says."""


class Results:
    """Results by test; of a test that ran more than once, the newest run counts."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._found: dict[tuple[str, str], list[TestResult]] = {}
        for suites in sorted((_suites(file) for file in files), key=lambda one: one[0]):
            self._take(*suites)

    def of(self, reference: str) -> TestResult:
        """The worst of all cases of `tests/x.py` or `tests/x.py::test_y`, and when."""
        path, _, name = reference.partition("::")
        cases = [
            one
            for (file, test), results in self._found.items()
            if file == path and name in {"", test}
            for one in results
        ]
        if not cases:
            return TestResult("no result", "")
        return min(cases, key=lambda one: (WORST.index(one.verdict), one.at))

    def _take(self, began: datetime, cases: list[tuple[str, str, Verdict]]) -> None:
        run: dict[tuple[str, str], list[TestResult]] = {}
        for file, test, verdict in cases:
            run.setdefault((file, test), []).append(TestResult(verdict, began.isoformat()))
        self._found |= run


def _suites(file: Path) -> tuple[datetime, list[tuple[str, str, Verdict]]]:
    try:
        suite = next(ElementTree.parse(file).iter("testsuite"))
        began = datetime.fromisoformat(suite.get("timestamp", ""))
        return began, [_case(one) for one in suite.iter("testcase")]
    except (ElementTree.ParseError, StopIteration, ValueError, OSError) as error:
        raise ResultsError(f"{file} is no JUnit file of pytest: {error}") from None


def _case(one: "Element") -> tuple[str, str, Verdict]:
    file = one.get("classname", "").replace(".", "/") + ".py"
    test = one.get("name", "").partition("[")[0].partition("@")[0]
    if one.find("failure") is not None or one.find("error") is not None:
        return file, test, "failed"
    return file, test, "skipped" if one.find("skipped") is not None else "passed"
