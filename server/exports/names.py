"""What a file is called when it leaves: in any language, in a header that is ASCII (RFC 6266, RFC 8187). Pure."""

import re
import unicodedata
from urllib.parse import quote


def attachment(name: str) -> str:
    """The `Content-Disposition` of a file called *name*; for an old browser beside it the name without marks."""
    bare = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    plain = re.sub(r"[^ !#-\[\]-~]", "", bare)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
