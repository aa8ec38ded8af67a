"""The guides, in the browser: for operators, for whoever looks after the servers."""
