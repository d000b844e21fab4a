"""Drift: rules that fire otherwise than they did, and events that have stopped."""
