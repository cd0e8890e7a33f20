"""One run of `flaghoist dev`: the stack, the site behind it, and what is said of both."""
