"""Figures: what a course says about rules, in numbers and words."""
