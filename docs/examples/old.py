"""Parses lines of "name=value": the old way."""


def parse(text):
    found = {}
    for line in text.split("\n"):
        if line.strip():
            parts = line.strip().split("=")
            found[parts[0].strip()] = "=".join(parts[1:]).strip()
    return found
