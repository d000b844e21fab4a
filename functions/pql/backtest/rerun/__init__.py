"""A rerun: events of the past through the step that judges live."""
