"""Bringing in what exists: files of many kinds become rows, rows become changes, a person confirms in between.

Must never write a record but by the door that phones use, and never before somebody has seen what would be written.
"""
