"""What is wrong in the factory: the rules, what they find, and what each says and advises."""
