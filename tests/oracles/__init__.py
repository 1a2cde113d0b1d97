"""The protocol written as plainly as possible, with no thought of speed: what training must agree with."""
