"""The door for agents: a server that speaks the Model Context Protocol, ``admatch mcp``."""
