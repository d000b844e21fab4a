"""Compiled rules at work on accounts: what an event or time alone changes, which rules fire, and why."""
