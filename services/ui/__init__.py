"""The operator pages: one reader and one view model per factory, any number of browsers."""
