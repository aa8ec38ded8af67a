"""Processes, links, buffers, logs."""
