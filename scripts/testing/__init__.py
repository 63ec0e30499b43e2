"""The parts of scripts/test: run.py runs programs and counts, suites.py says what to run."""
