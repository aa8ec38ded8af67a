"""Documents on paper: PDF made of data, on this machine and without the network."""
