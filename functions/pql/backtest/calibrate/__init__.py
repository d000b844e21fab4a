"""Calibration: points and thresholds that the past supports."""
