"""One pure step: an account and an event give the new account and its leads."""
