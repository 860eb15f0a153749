"""All SQL of the centre, and the only place that has any.

Must never know HTTP or HTML. Its rooms: `tables` (what there is), `engine` (how each database is spoken to), `people`
(who may what), `log` (changes in), `reading` (records out), `epoch`, `quarantine`, `browse` (the console's questions),
`backup`, `migrations`.
"""

from server.store.tables import db

__all__ = ["db"]
