"""Who may do how much: accounts, tokens, limits, and what every HTTP server of ours refuses."""
