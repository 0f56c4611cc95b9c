"""The forms of candidates and administrators: they read what was typed and call a service, which knows the rules."""
