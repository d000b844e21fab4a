"""A product-qualified-lead engine: events in, counters kept, rules judged, leads out."""
