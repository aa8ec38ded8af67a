"""What frees an order that stands still: the commands that may, each tried in a simulation."""
