"""What can be learnt: the split, the candidates and what they are worth, each with an interval."""
