"""The AsyncAPI documents in docs/ are what the FastStream applications say now."""

from pathlib import Path

import pytest

from services.gateway import asyncapi as gateway
from services.orders import asyncapi as orders

DOCS = Path(__file__).parents[2] / "docs" / "asyncapi"
DOCUMENTS = {"orders": orders.render, "gateway": gateway.render}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_asyncapi_document_is_up_to_date(name: str) -> None:
    assert (DOCS / f"{name}.yaml").read_text(encoding="utf-8") == DOCUMENTS[name](), (
        f"run: python -m services.{name}.asyncapi > docs/asyncapi/{name}.yaml"
    )


def test_every_stream_of_a_command_is_in_a_document() -> None:
    text = "".join(render() for render in DOCUMENTS.values())
    for stream in ("commands", "outbox", "receipts", "events", "audit"):
        assert f"address: omf:{{mock}}:{stream}" in text
    for model in ("Command", "Outgoing", "Receipt", "CommandEvent", "AuditRecord"):
        assert f"#/components/schemas/{model}'" in text
