"""What the Worker needs of its surroundings, as protocols; settings and deadlines."""
