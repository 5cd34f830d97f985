"""The one composition of the main job: files → ``Analysis``; all doors call it."""
