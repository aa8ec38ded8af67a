"""The map of the shop floor, and what was clicked on it."""
