"""The contenders of `page_race`: each shows the same sixty values of the broker on one page.

A module each; what it needs is fetched into build/peers once, in the version named there.
"""
