"""The map of the shop floor."""
