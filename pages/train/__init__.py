"""Training live, and what was trained."""
