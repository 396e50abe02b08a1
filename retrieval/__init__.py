"""What is written: documents read, split, indexed, searched, and held against statements."""
