"""The domain: what a review is, what may happen to it and who may do it. Pure; imports nothing but Python."""
