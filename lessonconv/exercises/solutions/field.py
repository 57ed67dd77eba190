"""How far one output sees."""
# mypy: disable-error-code="no-untyped-def"
# a beginner's code carries no types


def receptive_field(layers):
    """How many inputs, along one axis, one output of the last layer depends on, from the first it sees to the last.

    layers: a list of (kernel, stride, dilation), all ints; the first one reads the input. Returns an int.
    """
    field, jump = 1, 1  # an input sees itself; its neighbour sees what lies one further on
    for kernel, stride, dilation in layers:
        field += dilation * (kernel - 1) * jump
        jump *= stride
    return field
