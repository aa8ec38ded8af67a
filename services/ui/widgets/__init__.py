"""The pieces pages are put together from."""
