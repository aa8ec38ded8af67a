"""What a factory server needs beside the programs: images, accounts, configurations, monitoring."""
