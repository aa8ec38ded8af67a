"""The guides as they lie beside the program, made fit for a page."""

import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from omf.texts import LANGUAGES, Language

DOCUMENTS = (
    *("operator-guide", "alarm-philosophy", "alarms", "commands", "runbook", "topics"),
    *("sequences", "plans", "incoming-goods", "sensors", "notifications", "shift-report"),
    *("workpieces", "history", "golden", "drift", "simulation", "site", "api", "glossary"),
)
"""What may be read in the browser, in the order of its list."""
_FOLDERS = (Path(__file__).parents[4] / "docs", Path(sys.prefix) / "share" / "omf" / "docs")
"""Beside a checkout; where the wheel puts them (pyproject.toml, data-files)."""
_PICTURE = re.compile(r"^!\[[^\]]*\]\([^)]*\)\n?", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_GUIDE = re.compile(r"(?P<name>[a-z-]+)(\.(?P<language>de|en|fr))?\.md")
_HEADING = re.compile(r"^(#{1,4} )", re.MULTILINE)
_FENCE = re.compile(r"^```", re.MULTILINE)


class HelpDocument(NamedTuple):
    """One guide: its language, and its Markdown; both empty where it was not installed."""

    language: Language | None
    text: str


@cache
def help_document(name: str, language: Language) -> HelpDocument:
    """The guide in this language, else in English; `name` is one of DOCUMENTS."""
    for wanted in (language, "en"):
        for path in _paths(name, wanted):
            if path.is_file():
                return HelpDocument(wanted, path.read_text("utf-8"))
    return HelpDocument(None, "")


def _paths(name: str, language: Language) -> list[Path]:
    """`runbook.de.md`; English ones have no language in their name, but for the first guide."""
    names = [f"{name}.{language}.md", *([f"{name}.md"] if language == "en" else [])]
    return [folder / file for folder in _FOLDERS for file in names]


def fit_for_page(
    markdown: str,
    name: str,
    lead: Callable[[str, Language | None], str],
    title: Callable[[str], str] = str,
) -> str:
    """The guide `name` without pictures, its links leading to other guides, or nowhere.

    `lead` gives the address of a guide, of the guide itself in another language too; `title` its
    name, where a link has only that of its file. The page has a heading of its own, so those of
    the guide stand one level lower.
    """
    parts = _FENCE.split(_PICTURE.sub("", markdown))
    for place in range(0, len(parts), 2):  # what is between two fences is no Markdown
        text = _HEADING.sub(r"#\1", parts[place])
        parts[place] = _LINK.sub(lambda link: _led(link, name, lead, title), text)
    return "```".join(parts)


def _led(
    link: re.Match[str],
    here: str,
    lead: Callable[[str, Language | None], str],
    title: Callable[[str], str],
) -> str:
    words, target = link[1], link[2]
    if target.startswith("https://"):
        return link[0]
    file = _GUIDE.fullmatch(target.partition("#")[0])
    if file is None or file["name"] not in DOCUMENTS:
        return words
    name = file["name"]
    # A guide leads to itself only in another language; other guides keep that of the reader.
    written = file["language"] or "en"
    language = next(one for one in LANGUAGES if one == written) if name == here else None
    shown = title(name) if words == file[0] else words
    return f"[{shown}]({lead(name, language)})"
