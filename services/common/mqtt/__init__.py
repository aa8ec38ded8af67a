"""The broker link; the only package that knows an MQTT library."""
