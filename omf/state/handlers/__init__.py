"""One function for each entry of the topic catalogue: what its message changes in the state."""
