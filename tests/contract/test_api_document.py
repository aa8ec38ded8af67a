"""docs/api.md and the OpenAPI document tell of the same addresses and answers."""

import re
from pathlib import Path

from services.api import reasons
from services.api.app import application
from services.api.context import AppContext
from services.api.problems import ProblemType

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
SORTS = [sort for sort in vars(reasons).values() if isinstance(sort, ProblemType)]


def test_the_guide_names_every_address_and_no_other() -> None:
    paths = application(AppContext({}, None)).openapi()["paths"]
    real = {
        f"{method.upper()} {path}" for path, operations in paths.items() for method in operations
    }
    told = set(re.findall(r"^\| `((?:GET|POST) /api/v1/[^`]+)`", TEXT, re.MULTILINE))
    assert told == real


def test_the_guide_names_every_status_of_a_refusal() -> None:
    table = TEXT.partition("| status | when |")[2]
    told = set(re.findall(r"\b[45]\d\d\b", table))
    assert told == {str(sort.status) for sort in SORTS if sort is not reasons.BUG}


def test_every_refusal_has_an_id_of_its_own_and_both_languages() -> None:
    assert len({sort.id for sort in SORTS}) == len(SORTS)
    for sort in SORTS:
        for text in (sort.title, sort.mend):
            assert text.de
            assert text.en
            assert text.de != text.en
