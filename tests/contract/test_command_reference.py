"""The command reference in docs/ is the one the menu gives now."""

from pathlib import Path

from omf.commands import CONTROLS, KINDS
from omf.commands.interlocks import RULES
from tests.support.command_docs import command_docs

REFERENCE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_command_reference_is_up_to_date() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == command_docs(), (
        "run: python -m tests.support.command_docs > docs/commands.md"
    )


def test_the_command_reference_names_every_command_and_every_interlock() -> None:
    text = command_docs()
    for kind in (*KINDS, *CONTROLS):
        assert f"\n## {kind}\n" in text
    for rule in RULES:
        assert f'<a id="{rule}"></a>' in text
