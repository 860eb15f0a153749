"""The centre: takes in what phones send, keeps it, shows it to managers. Knows `sync`; `sync` does not know it."""
