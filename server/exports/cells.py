"""What a cell of a file may hold, so that no spreadsheet runs it. Pure."""

# What makes a spreadsheet take a text for a formula (OWASP, "CSV Injection").
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "'=", "'+", "'-", "'@")


def guarded(text: str) -> str:
    """*text* with an apostrophe before it where a spreadsheet would compute it. A number stays one."""
    if not text.startswith(_BEGINNINGS):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
