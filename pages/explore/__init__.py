"""The pages on which trained runs are looked into."""
