"""What Touchstone knows: data, quality, models, money and evidence, without a screen."""
