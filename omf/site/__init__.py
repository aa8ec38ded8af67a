"""What the site says of its own factory: its name, its modules, its tags, its links. Pure.

`settings` is the document, `lists` reads and writes its parts as people keep them.
"""
