"""The heart: changes, the merge, the protocol. Knows nobody; does no I/O but in `client`."""
