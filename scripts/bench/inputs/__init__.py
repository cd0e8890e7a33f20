"""Flag sets and visitors that every subject is measured with."""
