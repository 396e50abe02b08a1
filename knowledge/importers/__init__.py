"""Other people's knowledge, read into packs."""
