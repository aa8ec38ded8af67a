"""The style sheets of the pages: each thing is dressed in one place."""

import re
from collections import defaultdict
from pathlib import Path

STATIC = Path(__file__).parents[5] / "services" / "ui" / "static"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_MEDIA = re.compile(r"@media[^{]*{(?:[^{}]*{[^{}]*})*[^{}]*}")
_RULE = re.compile(r"([^{}]+){[^{}]*}")
_BETWEEN = re.compile(r",(?![^(]*\))")
THEMES = (":root", "body.theme-")


def _selectors(sheet: Path) -> set[str]:
    plain = _MEDIA.sub("", _COMMENT.sub("", sheet.read_text(encoding="utf-8")))
    found = (one for rule in _RULE.findall(plain) for one in _BETWEEN.split(rule))
    return {" ".join(one.split()) for one in found}


def test_no_selector_stands_in_two_files() -> None:
    # The files are read in the order of their names: the later one would quietly overrule.
    places = defaultdict(set)
    for sheet in STATIC.glob("*.css"):
        for selector in _selectors(sheet):
            places[selector].add(sheet.name)
    twice = {one: files for one, files in places.items() if len(files) > 1}
    assert not {one: files for one, files in twice.items() if not one.startswith(THEMES)}
