"""The topic reference in docs/ is the one the catalogue gives now."""

from pathlib import Path

from omf.topics import catalogue
from tools.topic_reference import render

REFERENCE = Path(__file__).parents[2] / "docs" / "topics.md"


def test_the_topic_reference_is_up_to_date() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == render(), (
        "run: python -m tools.topic_reference > docs/topics.md"
    )


def test_the_topic_reference_names_every_topic_and_every_payload() -> None:
    text = render()
    for entry in catalogue.TOPICS:
        assert f"`{entry.topic}`" in text
        assert entry.model is None or f"### {entry.model}\n" in text
