"""Facts about understanding."""
