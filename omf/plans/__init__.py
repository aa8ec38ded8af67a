"""Orders by plan: once at a time, recurring, or so many pieces kept in stock. Pure.

`schedule` says when a plan is due, `course` what follows from it; docs/plans.md tells people.
"""
