"""A behaving factory on a real MQTT broker, or parts of one (PROTOCOL A to G)."""
