"""What comes of it all: the gates, the verdict and the report."""
