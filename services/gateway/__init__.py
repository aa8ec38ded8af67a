"""Outbox to broker: the only one that publishes to the factory, and it trusts nobody."""
