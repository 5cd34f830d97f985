"""What an advertiser runs: bulk files and reports without search terms → ``Account``."""
