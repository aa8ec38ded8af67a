"""What is around every page: band, bar, menu, and the pages of a stranger."""
