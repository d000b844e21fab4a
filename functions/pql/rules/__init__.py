"""The rule language: models, loading, errors with their place in the file."""
