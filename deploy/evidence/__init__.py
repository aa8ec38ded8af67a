"""What an auditor is shown: each requirement, the tests that hold it, and their last result."""
