"""The past of live accounts, worked out again for rules that are new."""
