"""How amounts, shares and pictures look to a person, and how objects look in a notebook."""
