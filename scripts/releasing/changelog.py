"""The sections of CHANGELOG.md: `## 0.2.0 (2026-12-01)`, or `(unreleased)` until a release."""

import re

HEADING = re.compile(r"^## (\S+) \((.*?)\)\n", flags=re.M)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def sections(text):
    """The version, the date and the text of each section, the newest first."""
    found = list(HEADING.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return [(match[1], match[2], text[match.end():end].strip() + "\n")
            for match, end in zip(found, ends)]


def problem(text, version):
    """Why this changelog does not fit a release of the version; None if it does."""
    newest, date, body = (sections(text) or [("", "", "\n")])[0]
    if newest != version:
        return f'its first section is "## {newest} ({date})", not "## {version} (YYYY-MM-DD)"'
    if not DATE.fullmatch(date):
        return f'the section of {version} has "{date}" in place of a date'
    if not body.strip():
        return f"the section of {version} is empty"
    return None


def notes(text, version):
    """What changed in a version: the text of its section."""
    return next(body for name, _, body in sections(text) if name == version)


def upgrade_problem(text, version, guide):
    """Why the upgrade guide does not fit; None if it does. Only a minor version may change much."""
    heading = f"## To {version.rpartition('.')[0]}"
    changes = "### Changed" in notes(text, version)
    if changes and not re.search(rf"^{re.escape(heading)}\b", guide, flags=re.M):
        return f'CHANGELOG.md has changes in {version}, and the guide has no part "{heading}"'
    return None


def date_section(text, version, date):
    """The changelog with the unreleased section as this version's."""
    match = HEADING.search(text)
    if match is None or match[2] != "unreleased":
        raise LookupError('CHANGELOG.md does not begin with an "(unreleased)" section')
    return f"{text[:match.start()]}## {version} ({date})\n{text[match.end():]}"
