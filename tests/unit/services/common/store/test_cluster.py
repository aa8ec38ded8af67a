"""Which node of a cluster is asked, by what its nodes say."""

import pytest
from redis.exceptions import ClusterDownError, MovedError, TryAgainError

from services.common.store.cluster import ClusterNode, SlotRoute, UnfitClusterError

A, B, C = (ClusterNode("10.0.0.1", port) for port in (1, 2, 3))
MOCK = 5306
"""Slot of `mock` (CLUSTER KEYSLOT omf:{mock}:x)."""


def told(*parts: tuple[int, int, ClusterNode]) -> list[list[object]]:
    return [[first, last, [node.host.encode(), node.port, b"id"]] for first, last, node in parts]


WHOLE = told((0, 5000, A), (5001, MOCK - 1, B), (MOCK, MOCK, C), (MOCK + 1, 16383, B))


def test_the_owner_and_all_others_are_learned_from_one_node() -> None:
    route = SlotRoute([A], "mock")
    search = route.search()
    assert next(search) == A
    assert not route.owns(A, WHOLE)
    assert next(search) == C
    assert route.owns(C, WHOLE)
    assert list(search) == [B]


def test_one_that_is_away_is_asked_last() -> None:
    route = SlotRoute([A, B, C], "mock")
    route.doubt(A)
    assert list(route.search()) == [B, C, A]


def test_a_slot_that_moved_is_looked_for_where_it_is_said_to_be() -> None:
    route = SlotRoute([A, B], "mock")
    route.redirected(A, MovedError(f"{MOCK} 10.0.0.1:3"))
    assert next(route.search()) == C
    route.redirected(C, MovedError(f"{MOCK} :2"))
    assert next(route.search()) == B


def test_a_node_that_knows_no_owner_is_asked_after_the_others() -> None:
    route = SlotRoute([A, B], "mock")
    route.redirected(A, TryAgainError("a key is on its way"))
    assert list(route.search()) == [A, B]
    route.redirected(A, ClusterDownError("the cluster is down"))
    assert list(route.search()) == [B, A]


def test_a_node_without_a_name_is_where_it_was_asked() -> None:
    nameless: list[list[object]] = [[0, 16383, [None, 1, b"id"], ["", 2, b"id"], [b"?", 3, b"id"]]]
    route = SlotRoute([A], "mock")
    assert route.owns(A, nameless)
    assert list(route.search()) == [A, B, C]


@pytest.mark.parametrize(
    ("parts", "gaps"),
    [
        ([], "0-16383"),
        ([(0, 16000, A)], "16001-16383"),
        ([(8, 100, A), (200, 16383, B)], "0-7, 101-199"),
    ],
)
def test_slots_that_belong_to_nobody_are_named(
    parts: list[tuple[int, int, ClusterNode]], gaps: str
) -> None:
    with pytest.raises(UnfitClusterError, match=f"nobody owns the slots {gaps} of the cluster"):
        SlotRoute([A], "mock").owns(A, told(*parts))
