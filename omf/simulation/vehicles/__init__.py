"""The part `vehicles`: automated guided vehicles, each with its own MQTT client."""
