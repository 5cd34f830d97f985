"""What an advertiser sells: catalog files of every format → one ``Catalog``."""
