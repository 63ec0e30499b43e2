"""The parts of scripts/bench: what is measured, building it, running it, and telling what came out."""
