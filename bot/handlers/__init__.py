"""What happens when something happens: one module per cause."""
