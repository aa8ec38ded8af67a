"""Sensors and camera: what is measured, what is seen, and what the quality station saw."""
