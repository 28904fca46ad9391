"""Coverage-guided fuzzing of every codec: ``make fuzz``, or ``python -m tests.fuzz ssp --seconds 60``."""
