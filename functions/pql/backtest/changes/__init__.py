"""Changes of rules: what they do to accounts."""
