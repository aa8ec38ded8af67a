"""Generators of the reference documents and lints of the sources."""
