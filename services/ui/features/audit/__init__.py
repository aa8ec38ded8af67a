"""Who did what: the audit, searched, checked and taken away."""
