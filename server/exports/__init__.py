"""Files that leave the centre: a format a file, each a stream that holds a few rows at a time.

Must never ask the database itself, and never hold a whole result in memory.
"""
