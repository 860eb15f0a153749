"""What kind of picture it is: read from its content, never from what somebody says of it."""

HEAD = 16  # bytes that tell the kinds apart


def kind_of(head: bytes) -> str | None:
    """The media type of a picture that begins with *head*, of those that are taken."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return None
