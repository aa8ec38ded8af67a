"""The store: keys and contracts, the bus, consumers, journal, retention."""
