"""Amazon's reports beside search terms: what was bought, what a market searches → ``Insights``."""
