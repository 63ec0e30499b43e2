"""The suites that run only when they are named: they take long, or measure rather than test."""

from .coverage import coverage
from .run import require_python
from .suites import Suite


def require_parser():
    """Installs what finds the mutants."""
    require_python("tree_sitter:tree-sitter==0.26.1", "tree_sitter_c:tree-sitter-c==0.24.2")


def mutation(*arguments):
    """Its module can be imported only now."""
    require_parser()
    from .mutation import mutation as run_mutants

    return run_mutants(*arguments)


ALL = [
    Suite("coverage", "the branches of the C core that the C and C++ tests take", coverage),
    Suite("mutation", "small changes of the C core, one by one, that the tests should notice", mutation),
]
