"""What scripts/test runs. __main__.py reads the command line; suites.py builds and runs."""
