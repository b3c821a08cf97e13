"""The steps by which a logbook's tables came to be, oldest first; each is frozen once released."""
