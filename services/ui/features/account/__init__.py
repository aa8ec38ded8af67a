"""What a person has to do with their own sign-ins."""
