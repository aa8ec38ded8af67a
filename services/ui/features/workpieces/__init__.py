"""Workpieces: find them, where each one is, and the life of one."""
