"""Who may speak to whom by the network policies of Kubernetes, as a cluster would enforce them."""

from collections.abc import Iterable, Mapping
from typing import Any

Labels = Mapping[str, str]
Policy = Mapping[str, Any]


def selected(selector: Mapping[str, Any], labels: Labels) -> bool:
    """True if a selector of labels means these; an empty one means all."""
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for one in selector.get("matchExpressions", ()):
        if one["operator"] != "In":
            raise ValueError(f"the operator {one['operator']} is not understood here")
        if labels.get(one["key"]) not in one["values"]:
            return False
    return True


def may_speak(policies: Iterable[Policy], source: Labels, target: Labels, port: int) -> bool:
    """True if a pod may leave to another one's port, and that one lets it in."""
    every = list(policies)
    leaves = _allowed(every, source, "Egress", "to", target, port)
    return leaves and _allowed(every, target, "Ingress", "from", source, port)


def _allowed(
    policies: list[Policy], pod: Labels, kind: str, side: str, other: Labels, port: int
) -> bool:
    """What no policy selects is open; otherwise one rule of one policy is enough."""
    own = [
        policy["spec"]
        for policy in policies
        if kind in policy["spec"]["policyTypes"] and selected(policy["spec"]["podSelector"], pod)
    ]
    rules = (rule for spec in own for rule in spec.get(kind.lower(), ()))
    return not own or any(_fits(rule, side, other, port) for rule in rules)


def _fits(rule: Mapping[str, Any], side: str, other: Labels, port: int) -> bool:
    ports, peers = rule.get("ports"), rule.get(side)
    if ports and port not in {one["port"] for one in ports}:
        return False
    # Pods of another namespace and machines outside are none of ours.
    return not peers or any(
        "podSelector" in peer
        and "namespaceSelector" not in peer
        and selected(peer["podSelector"], other)
        for peer in peers
    )


def addresses_outside(policies: Iterable[Policy], pod: Labels) -> set[tuple[str, int | None]]:
    """The machines outside the cluster that a pod reaches: block of addresses, port or None."""
    found: set[tuple[str, int | None]] = set()
    for policy in policies:
        spec = policy["spec"]
        if "Egress" not in spec["policyTypes"] or not selected(spec["podSelector"], pod):
            continue
        for rule in spec.get("egress", ()):
            ports = [one["port"] for one in rule.get("ports", ())] or [None]
            blocks = [peer["ipBlock"]["cidr"] for peer in rule["to"] if "ipBlock" in peer]
            found |= {(block, port) for block in blocks for port in ports}
    return found
