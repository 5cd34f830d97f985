-- A term is related to what is sold, or it is not: the column says so.
ALTER TABLE term_matches RENAME COLUMN kin_probability TO related_probability;
