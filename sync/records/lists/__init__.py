"""The lists that forms choose from: codes with their names in Vietnamese and English, and where each code is from.

A list is open: a code that is not in it comes from a newer app or from an installation's own list, and is kept.
"""

from sync.records.lists.own import BUILT_IN, LISTS, Entry, Lists, News, Told, learnt

__all__ = ["BUILT_IN", "LISTS", "Entry", "Lists", "News", "Told", "learnt"]
