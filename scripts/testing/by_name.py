"""The suites that run only when they are named: they take long, or measure rather than test."""

from .coverage import coverage
from .suites import Suite

ALL = [
    Suite("coverage", "the branches of the C core that the C and C++ tests take", coverage),
]
