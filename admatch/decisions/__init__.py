"""Evidence → one decision a term, with its reason; and the set of them that pays best."""
