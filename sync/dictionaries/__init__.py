"""The preset dictionaries of `sync.packing`. A released one never changes; a better one gets a new number."""
