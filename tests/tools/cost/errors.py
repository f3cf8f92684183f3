"""What is wrong with the inputs of an estimate."""


class CostError(Exception):
    """An input is missing, or fits nothing that the template has."""
