"""Looking ahead in a process of its own: no page waits for a simulation."""
