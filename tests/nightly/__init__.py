"""Real processes killed at random instants of real-time visits: ``make nightly``."""
