"""Where evidence lies: layout, put-once store, personal values, checks of what is stored."""
