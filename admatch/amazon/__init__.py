"""Amazon's Ads API: reports and accounts fetched, changes applied and rolled back."""
