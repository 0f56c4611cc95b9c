"""What a session's documents say: contexts of texts and numbers, frozen at issue.

Each function is pure but for what it reads; it returns JSON that says the same as long as the facts are the same.
"""
