ALTER TABLE facts ADD COLUMN marketplace TEXT;
