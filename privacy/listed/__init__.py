"""Lists of hashes of known pictures that may not be here at all, and what met them."""
