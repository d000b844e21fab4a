"""What the product talks about: events, ids, times, aggregates, leads. Pure."""
