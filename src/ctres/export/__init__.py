"""CTRES in other forms. Nothing here is needed for a look-up."""
