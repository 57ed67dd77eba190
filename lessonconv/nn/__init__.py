"""Layers with parameters, networks of them, and all that trains and checks them. Names and arguments are PyTorch's."""

from lessonconv.nn.activation import Arctan, LeakyReLU, ReLU, Sigmoid, Tanh
from lessonconv.nn.checkpoint import load, save
from lessonconv.nn.conv import Conv2d, ConvTranspose2d
from lessonconv.nn.gradcheck import GradCheck, gradcheck
from lessonconv.nn.history import Epoch, History
from lessonconv.nn.layer import Layer
from lessonconv.nn.linear import Flatten, Linear
from lessonconv.nn.normalisation import BatchNorm2d, Dropout
from lessonconv.nn.optim import SGD, Adam, Optimizer, cosine_annealing, step_lr
from lessonconv.nn.pool import AvgPool2d, MaxPool2d
from lessonconv.nn.sequential import Sequential, Summary
from lessonconv.nn.training import evaluate, fit, predict

__all__ = [
    "SGD",
    "Adam",
    "Arctan",
    "AvgPool2d",
    "BatchNorm2d",
    "Conv2d",
    "ConvTranspose2d",
    "Dropout",
    "Epoch",
    "Flatten",
    "GradCheck",
    "History",
    "Layer",
    "LeakyReLU",
    "Linear",
    "MaxPool2d",
    "Optimizer",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Summary",
    "Tanh",
    "cosine_annealing",
    "evaluate",
    "fit",
    "gradcheck",
    "load",
    "predict",
    "save",
    "step_lr",
]
