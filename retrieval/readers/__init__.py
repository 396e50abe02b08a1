"""One module for each kind of file; each turns bytes into documents and raises Unreadable."""
