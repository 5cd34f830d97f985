"""Files that advertisers download → ``SearchTermReport``, typed and per currency."""
