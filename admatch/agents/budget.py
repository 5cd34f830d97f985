"""How many tokens an answer may take."""

ANSWER_TOKENS = 6_000
FEWEST_TOKENS = 3_000  # what stands above the rows of an answer takes up to 2,000
