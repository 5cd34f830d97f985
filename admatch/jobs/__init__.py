"""Jobs: one or many accounts looked after every night, from a TOML file."""
