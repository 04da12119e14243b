"""The domain: what a review is, what can happen to it and who can do it. Pure; imports nothing but Python."""
