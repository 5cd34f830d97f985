"""Jobs: one or more accounts handled every night, as a TOML file says."""
