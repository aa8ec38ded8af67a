"""Who is signed in, and what is refused to everybody else."""
