"""One page for each module and vehicle."""
