#!/usr/bin/env python3
"""Checks that every link within the project's pages leads somewhere: to a file, and to a heading of it.

Prints each link that does not, and ends with 1. Addresses elsewhere are not asked for.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def without_code(text):
    """The text without blocks and spans of code, in which brackets are no links."""
    text = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(page):
    """The names by which links reach the headings of a page, as GitHub makes them."""
    text = re.sub(r"^(```|~~~).*?^\1", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    names = set()
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*$", text, flags=re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")
        number = 0
        while (name if number == 0 else f"{name}-{number}") in names:
            number += 1
        names.add(name if number == 0 else f"{name}-{number}")
    return names


def faults(page):
    for target in re.findall(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)", without_code(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            yield f"{target}: there is no such file"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            yield f"{target}: {file.relative_to(ROOT)} has no such heading"


def main():
    pages = sorted(page for page in ROOT.rglob("*.md") if not any(part[0] == "." for part in page.relative_to(ROOT).parts))
    found = [f"{page.relative_to(ROOT)}: {fault}" for page in pages for fault in faults(page)]
    print("\n".join(found) if found else f"{len(pages)} pages: every link leads somewhere")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
