"""Right answers to the receptive field, as source text, in the styles that learners write them in."""

RECEPTIVE_FIELD = {
    # two numbers, from the input on
    "forwards": """
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride, dilation in layers:
        field = field + (kernel - 1) * dilation * jump
        jump = jump * stride
    return field
""",
    # from the output back to the input: how many cells of the layer below
    "backwards": """
def receptive_field(layers):
    cells = 1
    for kernel, stride, dilation in reversed(layers):
        span = dilation * (kernel - 1) + 1
        cells = (cells - 1) * stride + span
    return cells
""",
    # the first and the last input that output 0 reads
    "ends": """
def receptive_field(layers):
    first = last = 0
    for K, s, d in layers[::-1]:
        first = first * s
        last = last * s + d * (K - 1)
    return last - first + 1
""",
    # a sum with products of strides
    "products": """
def receptive_field(layers):
    strides = [s for _, s, _ in layers]
    total = 1
    for n, (K, s, d) in enumerate(layers):
        total += d * (K - 1) * int(np.prod(strides[:n]))
    return total
""",
}
