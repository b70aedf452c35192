"""What the product remembers: modules of functions, the session first, the caller owning the transaction."""
