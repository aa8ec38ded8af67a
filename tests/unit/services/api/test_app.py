"""The parts of the HTTP door that need no server: streams, tokens, the document."""

import pytest

from services.api.app import application
from services.api.context import AppContext
from services.common.process.language import spoken
from services.common.process.loopback import names_this_machine


def test_the_document_is_openapi_3_1_and_every_refusal_in_it_is_a_problem() -> None:
    document = application(AppContext({}, None)).openapi()
    assert document["openapi"].startswith("3.1")
    assert "Problem" in document["components"]["schemas"]
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["security"]
            refusals = {s: r for s, r in operation["responses"].items() if s >= "4"}
            assert {"401", "403", "404", "422", "429", "503"} <= set(refusals)
            for refusal in refusals.values():
                assert list(refusal["content"]) == ["application/problem+json"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-DE,en;q=0.5", "de"),
        ("fr, de;q=0.3", "fr"),
        ("it, fr;q=0.3", "fr"),
        ("*", "en"),
    ],
)
def test_the_language_asked_for_is_spoken(header: str, language: str) -> None:
    assert spoken(header) == language


@pytest.mark.parametrize(
    ("header", "ours"),
    [
        ("localhost:8081", True),
        ("127.0.0.1", True),
        ("[::1]:8081", True),
        ("localhost.evil.example", False),
        ("", False),
        ("[", False),
    ],
)
def test_only_a_name_of_this_machine_counts_as_this_machine(header: str, *, ours: bool) -> None:
    assert names_this_machine(header) is ours
