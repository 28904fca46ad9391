"""Every fault at every place of a story: ``python -m tests.matrix``. The suite samples; this goes through all of it."""
