"""Published kinds of retrieval, rebuilt small, to be measured beside admatch on equal vectors."""
