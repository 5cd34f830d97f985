"""The tables of the workspace that scheduled jobs read and write."""
