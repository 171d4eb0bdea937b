"""What to do about the errors that people meet most, known by the words of Python and torch.

A piece of advice must be right whatever the author meant; where it depends, it says how to see.
"""

from __future__ import annotations

import re

#: What an error says, its type in front, and what to do; the first that fits counts.
ADVICE: tuple[tuple[str, str], ...] = (
    # how a module is written
    (
        r"before Module\.__init__\(\) call",
        "call `super().__init__()`, with both pairs of parentheses, first in `__init__`",
    ),
    (
        r"missing the required \"forward\"",
        "give the module a `forward`, or call the layers in it one by one",
    ),
    (
        r"is not a Module subclass",
        "pass modules: `nn.ReLU()` and not `nn.ReLU` or `F.relu`, `*layers` and not a list",
    ),
    (
        r"'(?:builtin_function_or_)?method' object is not iterable",
        "call the method: its parentheses are missing",
    ),
    (
        r"'type' object does not support the context manager",
        "make an object of it: its parentheses are missing",
    ),
    (
        r"received an invalid combination of arguments",
        "pass one of the forms that it names: an argument is missing, or of another type",
    ),
    (
        r"gca\(\) got an unexpected keyword argument 'projection'",
        "write `fig.add_subplot(projection='3d')`",
    ),
    # what pandas has given up
    (
        r"'(?:DataFrame|Series)' object has no attribute 'append'$",
        "put them together with `pd.concat([df, other])`",
    ),
    (
        r"'(?:DataFrame|Series)' object has no attribute 'ix'$",
        "write `.loc` for labels, `.iloc` for places",
    ),
    (
        r"'(?:DataFrame|Series)' object has no attribute 'as_matrix'$",
        "write `.to_numpy()`",
    ),
    (
        r"'(?:DataFrame|Series)' object has no attribute 'iteritems'$",
        "write `.items()`",
    ),
    (
        r"'DataFrame' object has no attribute 'applymap'$",
        "write `.map(...)`",
    ),
    (
        r"fillna\(\) got an unexpected keyword argument 'method'$",
        "write `.ffill()` or `.bfill()`",
    ),
    (
        r"could not convert string to float",
        "encode text as numbers first, or leave it out",
    ),
    (
        r"object has no attribute 'next'$",
        "Python's own function does that: `next(iterator)`",
    ),
    (
        r"object has no attribute '\w+'$",
        "look for a slip in the name, and whether it is set before it is used",
    ),
    (
        r"'\w+' object is not subscriptable",
        "brackets take an item out of a list or a tensor: call what is none, `layer(index)`",
    ),
    (
        r"only (?:0-dimensional|length-1) arrays can be converted to Python scalars",
        "take the one number out first: `x.item()`",
    ),
    (
        r"params argument given to the optimizer should be an iterable",
        "put the tensor into a list: `[weights]`",
    ),
    # what torch has given up
    (
        r"This function was deprecated since version .* and is now removed",
        "use the function of `torch.linalg` that the message names",
    ),
    (
        r"only supports boolean masks",
        "make the mask boolean: `mask.bool()`",
    ),
    (
        r"with a bool tensor is not supported",
        "turn a mask round with `~`, or make numbers of it first",
    ),
    (
        r"stft requires the return_complex parameter",
        "pass `return_complex=True`",
    ),
    # shapes
    (
        r"Invalid shape \([134], \d+, \d+\) for image data",
        "put the channels last: `.permute(1, 2, 0)`",
    ),
    (
        r"expected input.* to have \d+ channels",
        "make the layer's `in_channels` equal to dimension 1 of its input",
    ),
    (
        r"mat1 and mat2 shapes|size mismatch, got",
        "make the inner sizes equal, for a layer its `in_features` and the input's last dimension: "
        "print the shapes before this line",
    ),
    (
        r"shape '.*' is invalid for input",
        "the numbers of elements differ: print the shape before this line, or keep the batch "
        "with `flatten(1)`",
    ),
    (
        r"must match the size of tensor|Sizes of tensors must match|stack expects each tensor",
        "print both shapes before this line and make them fit",
    ),
    (
        r"view size is not compatible",
        "use `reshape`, or `.contiguous().view(...)`",
    ),
    (
        r"Expected \d+D \(unbatched\)|expected \dD input|expected \dD or \dD input",
        "print the input's shape: a dimension, often the batch, is missing or too many",
    ),
    (
        r"Kernel size can't be greater than",
        "the input has become smaller than the kernel: print its shape, use padding or a "
        "larger input",
    ),
    (
        r"must be divisible by",
        "choose sizes of which one divides the other",
    ),
    (
        r"input\.size\(-1\) must be equal to input_size",
        "make `input_size` equal to the last dimension of the input",
    ),
    (
        r"Expected more than 1 value per channel",
        "give training more than one sample, or call `.eval()` first",
    ),
    # losses
    (
        r"Expected input batch_size|multi-target not supported",
        "give the loss outputs of shape (N, C) and class numbers of shape (N,)",
    ),
    (
        r"Target size .* must be the same as input size",
        "give the target the shape of the input, or use `nn.CrossEntropyLoss` for class numbers",
    ),
    (
        r"Target -?\d+ is out of bounds",
        "class numbers run from 0 to C-1: make the last layer as wide as there are classes",
    ),
    (
        r"expected target dtype|scalar type Long but found|be cast to the desired output type Long",
        "convert the target: class numbers to `.long()`, probabilities to `.float()`",
    ),
    (
        r"all elements of input should be between 0 and 1",
        "put a sigmoid before it, or use `nn.BCEWithLogitsLoss` on the raw outputs",
    ),
    (
        r"Boolean value of Tensor with more than one value",
        "compare with `.all()`, `.any()` or `torch.equal`; a loss is made first and called "
        "then: `nn.MSELoss()(pred, target)`",
    ),
    # numbers and devices
    (
        r"must have the same dtype|expected scalar type",
        "convert one of the two, with `.float()` or `.to(other.dtype)`",
    ),
    (
        r"could not infer output dtype|[Oo]nly Tensors of floating point",
        "make it a floating-point tensor first, with `.float()`",
    ),
    (
        r"Expected one of cpu, cuda",
        "name a device that there is: `cpu`, `cuda`, `cuda:0`, `mps`",
    ),
    (
        r"index out of range in self",
        "indices must be smaller than `num_embeddings`",
    ),
    (
        r"0-dim tensor",
        "use `.item()`",
    ),
    (
        r"cannot be converted to Scalar",
        "reduce it to one number first, with `.mean()` or `.sum()`, or use `.tolist()`",
    ),
    # autograd
    (
        r"does not require grad and does not have a grad_fn",
        "nothing here was computed from a tensor with `requires_grad=True`: look for "
        "`detach`, `no_grad` or a new tensor in between",
    ),
    (
        r"grad can be implicitly created only for scalar",
        "reduce the loss to one number, or pass `gradient=` to `backward`",
    ),
    (
        r"backward through the graph a second time",
        "compute the loss anew before each `backward`, or pass `retain_graph=True` to the first",
    ),
    (
        r"a leaf Variable that requires grad .* in-place",
        "change it under `torch.no_grad()`, or make a new tensor",
    ),
    (
        r"modified by an inplace operation",
        "write that operation without its `_` or `+=`, into a new tensor",
    ),
    (
        r"Can't call numpy\(\) on Tensor that requires grad",
        "write `.detach().numpy()`",
    ),
    (
        r"can't optimize a non-leaf Tensor|empty parameter list",
        "pass `model.parameters()`, or tensors made with `requires_grad=True`",
    ),
    # saving and loading
    (
        r"UnpicklingError: Weights only load failed",
        "save a `state_dict()`, or pass `weights_only=False` for a file that you trust",
    ),
    (
        r"Expected state_dict to be dict-like",
        "pass what `state_dict()` returned, with its parentheses",
    ),
    (
        r"Error\(s\) in loading state_dict",
        "build the model as it was when it was saved; `strict=False` only lets keys differ, "
        "not shapes",
    ),
)


def advice(error: str) -> str:
    """Return what to do about `TypeError: what it said`, empty where nothing general is right."""
    return next((way for pattern, way in ADVICE if re.search(pattern, error)), "")
