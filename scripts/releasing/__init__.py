"""Releases: the version and where it is repeated, the changelog, the archives, the SBOM.

scripts/version and scripts/release are the programs; docs/releasing.md has the steps.
"""
