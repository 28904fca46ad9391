"""Papers for staff: X and Z reports, and the slips of what they take out, put in and pay."""
