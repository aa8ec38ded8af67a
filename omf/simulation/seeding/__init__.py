"""The machines set to where a factory stands: FactoryState in, a running simulation out."""
