"""Our services in one event loop with virtual time, store and broker in memory, faults by seed."""
