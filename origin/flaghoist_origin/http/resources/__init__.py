"""What all routes share: reading bodies, pages, preconditions, problems, who may."""
