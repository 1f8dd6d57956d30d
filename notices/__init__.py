"""Who is told what by which channel, and the outbox that makes sure of it."""
