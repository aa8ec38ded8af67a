"""The view model of each environment, fed by one reader and shared by every browser."""
