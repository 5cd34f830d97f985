"""Changes → Amazon Bulksheets 2.0: the file, the file that undoes it, and their manifest."""
