"""Safety copies: files that phones write of all that has not reached the centre, and how the centre takes them in.

Must never take in a part of a file that is not whole, and never give anybody a right that its author has not.
"""
