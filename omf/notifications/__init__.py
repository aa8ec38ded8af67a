"""Who is told of an alarm outside the house, when, and in which words."""
