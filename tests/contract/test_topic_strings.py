"""Each fact in one place: a topic of the factory is written down in the catalogue only."""

import ast
from collections.abc import Iterator
from pathlib import Path

from omf.topics import catalogue

ROOT = Path(__file__).parents[2]
SOURCES = [path for folder in ("omf", "services") for path in (ROOT / folder).rglob("*.py")]
BEGINNINGS = tuple({entry.topic.partition("{")[0] for entry in catalogue.TOPICS})


def _written_topics(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    for node in texts:
        if str(node.value).startswith(BEGINNINGS) and id(node) not in docstrings:
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.value!r}"


def test_no_program_text_contains_a_topic_of_the_factory() -> None:
    assert not [found for path in SOURCES for found in _written_topics(path)]
