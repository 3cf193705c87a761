"""Parses lines of "name=value": the new way."""


def parse(text):
    found = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            found[name.strip()] = value.strip()
    return found


def lines(data):
    """A setup: what a call gets, made of the data, once and untimed."""
    return data.splitlines()


def count(rows):
    return sum(1 for row in rows if "=" in row)


def count_with_len(rows):
    return len([row for row in rows if "=" in row])
