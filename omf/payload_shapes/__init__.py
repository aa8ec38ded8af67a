"""Which fields the payloads of each kind of topic have, learned from traffic, and what changed."""
