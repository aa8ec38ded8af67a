"""What orders keeps beside commands, each with one owner: runs, plans, purchases, approvals."""
