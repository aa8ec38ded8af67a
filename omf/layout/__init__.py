"""The shop floor as a graph: modules, roads, and the way a vehicle takes (PROTOCOL E)."""
