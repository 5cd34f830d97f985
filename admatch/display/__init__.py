"""How amounts, shares and pictures are shown to a person, and how objects look in a notebook."""
