"""Django's PostgreSQL, lending only connections that are alive."""
