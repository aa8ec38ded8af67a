"""The AsyncAPI documents in docs/ are what the FastStream applications say now."""

from pathlib import Path

import pytest

from tools.asyncapi import APPLICATIONS, render

DOCS = Path(__file__).parents[2] / "docs" / "asyncapi"


@pytest.mark.parametrize("name", APPLICATIONS)
def test_the_asyncapi_document_is_up_to_date(name: str) -> None:
    assert (DOCS / f"{name}.yaml").read_text(encoding="utf-8") == render(name), (
        f"run: python -m tools.asyncapi {name} > docs/asyncapi/{name}.yaml"
    )


def test_every_stream_of_a_command_is_in_a_document() -> None:
    text = "".join(map(render, APPLICATIONS))
    for stream in ("commands", "outbox", "receipts", "events", "audit"):
        assert f"address: omf:{{mock}}:{stream}" in text
    for model in ("Command", "Outgoing", "Receipt", "CommandEvent", "AuditRecord"):
        assert f"#/components/schemas/{model}'" in text
