"""The pages: what people see. They show nothing that the API does not answer."""
