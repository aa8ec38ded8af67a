"""What orders keeps beside commands, each with one owner."""
