"""The tools that an agent may call, one a file: typed arguments → a typed answer."""
