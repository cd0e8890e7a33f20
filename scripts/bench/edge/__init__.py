"""Measurements of Workers in workerd."""
