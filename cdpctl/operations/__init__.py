"""What a run does to peers; prints nothing."""
