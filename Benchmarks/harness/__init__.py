"""The parts of scripts/bench: the works, building and running them, and reporting the figures."""
