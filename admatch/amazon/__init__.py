"""Amazon's Ads API: fetch reports and accounts, apply changes, roll them back."""
