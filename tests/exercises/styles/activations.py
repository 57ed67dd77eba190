"""Right answers to the tasks of the activations, as source text, in the styles that learners write them in."""

RELU_BACKWARD = {
    "mask": """
def relu_backward(da, z):
    mask = z > 0
    return da * mask
""",
    "loops": """
def relu_backward(da, z):
    dz = np.zeros(z.shape)
    for place in np.ndindex(z.shape):
        if z[place] > 0:
            dz[place] = da[place]
    return dz
""",
    "set to zero": """
def relu_backward(da, z):
    dz = da.copy()
    dz[z <= 0] = 0
    return dz
""",
    "where": """
def relu_backward(da, z):
    return np.where(z > 0, da, 0)
""",
    "list": """
def relu_backward(da, z):
    pairs = zip(da.ravel(), z.ravel())
    return np.array([d if one > 0 else 0.0 for d, one in pairs]).reshape(z.shape)
""",
}

LEAKY_RELU_BACKWARD = {
    "where": """
def leaky_relu_backward(da, z, slope):
    return da * np.where(z > 0, 1.0, slope)
""",
    "loops": """
def leaky_relu_backward(da, z, slope):
    dz = np.zeros(z.shape)
    for place in np.ndindex(z.shape):
        if z[place] > 0:
            dz[place] = da[place]
        else:
            dz[place] = slope * da[place]
    return dz
""",
    "masks": """
def leaky_relu_backward(da, z, slope):
    positive = z > 0
    return da * positive + slope * da * ~positive
""",
    "scaled": """
def leaky_relu_backward(da, z, slope):
    dz = da.copy()
    dz[z <= 0] *= slope
    return dz
""",
}

SIGMOID_BACKWARD = {
    "formula": """
def sigmoid_backward(da, z):
    with np.errstate(over="ignore"):
        a = 1 / (1 + np.exp(-z))
    return da * a * (1 - a)
""",
    "loops": """
import math

def sigmoid(t):
    if t >= 0:
        return 1 / (1 + math.exp(-t))
    return math.exp(t) / (1 + math.exp(t))

def sigmoid_backward(da, z):
    dz = np.zeros(z.shape)
    for place in np.ndindex(z.shape):
        s = sigmoid(z[place])
        g = s * (1 - s)
        dz[place] = da[place] * g
    return dz
""",
    "other sign": """
def sigmoid_backward(da, z):
    a = 1 / (1 + np.exp(z))
    slope = a - a**2
    return slope * da
""",
    "quotient": """
def sigmoid_backward(da, z):
    e = np.exp(-abs(z))
    return da * e / (1 + e) ** 2
""",
    "tanh": """
def sigmoid_backward(da, z):
    return da * (1 - np.tanh(z / 2) ** 2) / 4
""",
}

TANH_BACKWARD = {
    "formula": """
def tanh_backward(da, z):
    a = np.tanh(z)
    return da * (1 - a**2)
""",
    "loops": """
import math

def tanh_backward(da, z):
    dz = np.zeros(z.shape)
    for place in np.ndindex(z.shape):
        t = math.tanh(z[place])
        g = 1 - t * t
        dz[place] = da[place] * g
    return dz
""",
    "product": """
def tanh_backward(da, z):
    a = np.tanh(z)
    return (1 - a) * (1 + a) * da
""",
    "cosh": """
def tanh_backward(da, z):
    return da / np.cosh(z) ** 2
""",
}

ARCTAN_BACKWARD = {
    "formula": """
def arctan_backward(da, z):
    return da / (1 + z**2)
""",
    "loops": """
import math

def arctan_backward(da, z):
    dz = np.zeros(z.shape)
    for place in np.ndindex(z.shape):
        t = z[place]
        g = 1 / (1 + t * t)
        dz[place] = da[place] * g
    return dz
""",
    "cosine": """
def arctan_backward(da, z):
    return da * np.cos(np.arctan(z)) ** 2
""",
    "power": """
def arctan_backward(da, z):
    slope = (z * z + 1.0) ** -1
    return np.multiply(slope, da)
""",
}
