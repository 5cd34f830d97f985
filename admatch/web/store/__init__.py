"""The tables of the workspace that the page reads and writes."""
