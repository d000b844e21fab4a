"""The past as a test bench: what rules would have made of events that have happened. Pure."""
