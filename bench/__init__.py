"""How fast one frame reaches everybody: ways to deliver it, side by side, as ratios to a bare loop."""
