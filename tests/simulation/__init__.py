"""Our services on one event loop with virtual time, a store and a broker in memory, faults by seed."""
