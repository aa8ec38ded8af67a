"""The rack with every piece."""
