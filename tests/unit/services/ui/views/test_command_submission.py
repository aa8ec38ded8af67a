"""What a person is told whose command did not reach orders."""

from typing import Any

import pytest

from omf.texts import Language
from services.common.store.bus import StoreError
from services.common.store.submission import TooBusyError
from services.ui.translator import EMOJI, Translator
from services.ui.views.command_submission import not_sent


class Looking:
    """A screen, as far as its words go."""

    def __init__(self, language: Language) -> None:
        self.say = Translator(language, EMOJI)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "nothing was sent. Ask again in 4 s"),
        ("de", "nichts gesendet. In 4 s"),
        ("fr", "rien n’a été envoyé. Recommencer dans 4 s"),
    ],
)
def test_too_busy_is_said_with_the_time_to_come_back(language: Language, said: str) -> None:
    screen: Any = Looking(language)
    assert said in not_sent(screen, TooBusyError(4))


def test_a_store_that_is_away_is_named() -> None:
    screen: Any = Looking("en")
    assert "no route" in not_sent(screen, StoreError("no route"))
