"""The only arbiter: decides on each command and follows it to the factory's proof."""
