"""“I am in this photo”: people without an account ask to be masked."""
