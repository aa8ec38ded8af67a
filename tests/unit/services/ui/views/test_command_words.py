"""What a command was given, in words."""

from typing import Any

import pytest

from services.ui.translator import Translator
from services.ui.views import command_view
from tests.support.command_examples import command_of


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        (
            "sequence-start",
            {
                "title": {"de": "Zwei", "en": "Two"},
                "steps": [
                    {"kind": "production-order", "parameters": {"colour": "RED"}},
                    {"wait": {"stock": "RED", "at_least": 1}, "timeout_s": 5},
                ],
            },
            "Title: Two, Steps: Production order (Red), waits for a condition",
        ),
        ("plan-set", {"colours": ["RED", "BLUE"]}, "Colours: Red, Blue"),
        ("sequence-start", {"steps": [{"kind": ["x"], "parameters": 1}]}, "Steps: {'kind': ['x']"),
        ("sequence-start", {"steps": [{"kind": "fly", "parameters": []}]}, "Steps: fly"),
    ],
)
def test_what_a_command_was_given_is_said_in_words(
    kind: str, given: dict[str, Any], words: str
) -> None:
    told = command_view.parameters_words(command_of(kind, parameters=given), Translator("en"))
    assert words in told
