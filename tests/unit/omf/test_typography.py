"""French signs stay with the word before them: a line never begins with one."""

import re

from omf.texts.catalogue import catalogue

LOOSE = re.compile(r"\w [:;?!»]|« ")


def test_a_french_sign_of_two_parts_stands_behind_a_space_that_does_not_break() -> None:
    texts = catalogue("fr").texts
    assert [key for key in texts if LOOSE.search(str(texts[key]))] == []
