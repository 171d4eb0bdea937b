"""Values that fit each other and the code, for names that nobody defined: a model, a batch."""

from __future__ import annotations

import builtins
import copy
import re
from typing import Any, Callable, Dict, List, Optional, Tuple

from .operators import imported

BATCH = 4
CLASSES = 10
FEATURES = 8
#: Sides of images that networks are made for, the most usual first.
_SIDES = (32, 28, 224, 64, 96, 227, 299)
#: What the code may have called its own outputs, nearest to the loss first.
_OUTPUTS = ("outputs", "output", "logits", "y_pred", "pred", "preds", "y_hat", "out", "prediction")


class Guesses(dict):  # type: ignore[type-arg]
    """Built-in names, and behind them those that may be assumed, each made when first used.

    As `__builtins__` of a namespace it is asked last, so that what the code defines comes first.
    """

    def __init__(self, namespace: Dict[str, Any], expressions: Dict[str, str]) -> None:
        super().__init__(vars(builtins))
        self.namespace = namespace
        self.expressions = expressions
        self.used: List[str] = []
        self.absent: Dict[str, str] = {}
        self.fit = Fit(namespace)
        for name in ("input",):
            if name in expressions:
                del self[name]

    def __missing__(self, name: str) -> Any:
        if name not in self.expressions:
            raise KeyError(name)
        import torch

        scope = {"torch": torch, "nn": torch.nn, "fit": self.fit}
        try:
            value = eval(self.expressions[name], scope)
        except ImportError as error:
            self.absent[name] = (error.name or "").partition(".")[0]
            raise KeyError(name) from None
        self.namespace[name] = value
        self.used.append(name)
        return value


class Fit:
    """Makes values; looks at what the code has bound so far."""

    def __init__(self, namespace: Dict[str, Any]) -> None:
        self.namespace = namespace
        self._model: Any = None
        self._net: Any = None
        self._data: Any = None
        self._shape: Any = None

    @property
    def Net(self) -> Any:  # noqa: N802
        """A class of networks that take any arguments and any batch."""
        if self._net is None:
            self._net = _net()
        return self._net

    @property
    def Dataset(self) -> Callable[..., Any]:  # noqa: N802
        """What makes a data set, whatever it is given."""
        return lambda *_, **__: self.dataset(image=True)

    def imported(self, module: str, name: Optional[str] = None) -> Any:
        """A module, or a name from one, whose import was left out."""
        found = imported(module)
        return getattr(found, name) if name else found

    def model(self) -> Any:
        """The one model."""
        if self._model is None:
            self._model = self.Net()
        return self._model

    def module(self) -> Any:
        """The network that the code has made, or ours."""
        import torch

        for name in ("model", "net", "network", *self.namespace):
            value = self.namespace.get(name)
            if isinstance(value, torch.nn.Module) and next(value.parameters(), None) is not None:
                return value
        return self.model()

    def parameters(self) -> List[Any]:
        """What is to be trained."""
        return list(self.module().parameters())

    def optimizer(self) -> Any:
        """The optimizer that the code has made, or one of ours."""
        import torch

        for value in list(self.namespace.values()):
            if isinstance(value, torch.optim.Optimizer):
                return value
        return torch.optim.SGD(self.parameters(), lr=0.01)

    def images(self) -> Any:
        """A batch for the code's own network, else of images."""
        return self._batch((BATCH, 3, 32, 32))

    def features(self) -> Any:
        """A batch for the code's own network, else of rows."""
        return self._batch((BATCH, FEATURES))

    def _batch(self, usual: Tuple[int, ...]) -> Any:
        import torch

        module = self.module()
        if module is self._model:
            module = self._constructed()
        made = None if module is None else _for_first_layer(module)
        return torch.rand(usual) if made is None else made

    def _constructed(self) -> Any:
        """A network of the code's own class, where that can be made without arguments."""
        import torch

        state = torch.get_rng_state()
        for value in list(self.namespace.values()):
            if isinstance(value, type) and issubclass(value, torch.nn.Module):
                try:
                    if value.__module__ == "__main__":
                        return value()
                except Exception:
                    continue
                finally:
                    torch.set_rng_state(state)
        return None

    def labels(self) -> Any:
        """Class numbers, or values where the loss asks for them."""
        import torch

        outputs = self._bound_outputs()
        if outputs is None:
            return self._labels_for(self.module())
        if self._compares_values() or outputs.dim() < 2:
            return torch.rand(outputs.shape)
        classes = outputs.shape[1]
        return torch.randint(0, classes, (outputs.shape[0], *outputs.shape[2:]))

    def _labels_for(self, module: Any) -> Any:
        """Labels for what the last layer of a network gives out."""
        import torch

        sizes = [m.out_features for m in module.modules() if isinstance(m, torch.nn.Linear)]
        last = sizes[-1] if sizes else CLASSES
        if self._compares_values() or last == 1:
            return torch.rand(BATCH, last)
        return torch.randint(0, last, (BATCH,))

    def _bound_outputs(self) -> Any:
        import torch

        for name in _OUTPUTS:
            value = self.namespace.get(name)
            if isinstance(value, torch.Tensor) and value.is_floating_point() and value.dim() > 0:
                return value
        return None

    def _compares_values(self) -> bool:
        """Whether a loss of the code takes targets of the outputs' own shape."""
        import torch

        nn = torch.nn
        kinds = (
            nn.MSELoss,
            nn.L1Loss,
            nn.SmoothL1Loss,
            nn.BCELoss,
            nn.BCEWithLogitsLoss,
            nn.HuberLoss,
        )
        return any(isinstance(value, kinds) for value in list(self.namespace.values()))

    def outputs(self) -> Any:
        """Scores of each class."""
        import torch

        return torch.rand(BATCH, CLASSES, requires_grad=True)

    def loss(self) -> Any:
        """A number that the network's parameters lead to."""
        return sum((p.float() ** 2).sum() for p in self.parameters())

    def tensor(self) -> Any:
        """A small tensor, of the shape of the one before it."""
        import torch

        if self._shape is None:
            bound = [self.namespace.get(name) for name in ("input", "x", "tensor")]
            shapes = [value.shape for value in bound if isinstance(value, torch.Tensor)]
            self._shape = next(iter(shapes), (3, 3))
        return torch.rand(self._shape)

    def dataset(self, image: bool) -> Any:
        """A handful of samples with their labels."""
        import torch

        if self._data is None:
            batches = [self.images() if image else self.features() for _ in range(2)]
            values = torch.cat(batches)
            labels = torch.cat([self._labels_for(self.module()) for _ in range(2)])
            self._data = torch.utils.data.TensorDataset(values, labels)
        return self._data

    def loader(self, image: bool) -> Any:
        """The samples in two batches."""
        import torch

        return torch.utils.data.DataLoader(self.dataset(image), batch_size=BATCH)

    def records(self, keys: List[str], image: bool) -> List[Dict[str, Any]]:
        """Two batches whose parts go by names."""
        return [{key: self._part(key, image) for key in keys} for _ in range(2)]

    def _part(self, key: str, image: bool) -> Any:
        """What a part of a batch is by its name."""
        import torch

        if "mask" in key:
            return torch.ones(BATCH, 10, dtype=torch.long)
        if key.endswith("ids") or "token" in key:
            return torch.randint(0, 100, (BATCH, 10))
        if key == "y" or re.search("label|target|class", key):
            return self.labels()
        return self.images() if image else self.features()

    @property
    def TreeNode(self) -> type:  # noqa: N802
        """A node of a binary tree, as exercises give it."""
        return _node(val=0, left=None, right=None)

    @property
    def ListNode(self) -> type:  # noqa: N802
        """A node of a linked list, as exercises give it."""
        return _node(val=0, next=None)


def _node(**fields: Any) -> type:
    """A class as exercises give it: its fields may be passed in this order."""

    def made(self: Any, *values: Any, **named: Any) -> None:
        vars(self).update({**fields, **dict(zip(fields, values)), **named})

    return type("Node", (), {"__init__": made})


def _for_first_layer(module: Any) -> Any:
    """A batch that a network takes, judged by its first layer; None where that says nothing."""
    import torch

    nn = torch.nn
    for layer in module.modules():
        if isinstance(layer, (nn.Conv1d, nn.Conv2d, nn.Conv3d)):
            return _image_for(module, layer)
        if isinstance(layer, nn.Linear):
            return torch.rand(BATCH, layer.in_features)
        if isinstance(layer, nn.Embedding):
            return torch.randint(0, layer.num_embeddings, (BATCH, 10))
        if isinstance(layer, nn.RNNBase):
            return torch.rand(BATCH, 10, layer.input_size)
    return None


def _image_for(module: Any, layer: Any) -> Any:
    """An image of the size that goes through; the random numbers of the code stay as they were."""
    import torch

    places = layer.weight.dim() - 2
    state = torch.get_rng_state()
    shapes = [(BATCH, layer.in_channels, *[side] * places) for side in _SIDES]
    chosen = next((shape for shape in shapes if _goes_through(module, shape)), shapes[0])
    torch.set_rng_state(state)
    return torch.rand(chosen)


def _goes_through(module: Any, shape: Tuple[int, ...]) -> bool:
    import torch

    try:
        with torch.no_grad():
            copy.deepcopy(module).eval()(torch.rand(shape))
    except Exception:
        return False
    return True


def _net() -> Any:
    import torch

    nn = torch.nn

    class Net(nn.Module):
        """A small network that makes scores for ten classes of whatever batch it gets."""

        def __init__(self, *_: Any, **__: Any) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(3, FEATURES, 3, padding=1)
            self.bn1 = nn.BatchNorm2d(FEATURES)
            self.relu = nn.ReLU()
            self.layer1 = nn.Sequential(nn.Conv2d(FEATURES, FEATURES, 3, padding=1), nn.ReLU())
            self.fc = nn.Linear(FEATURES, CLASSES)
            self.layer2 = self.layer3 = self.layer4 = self.features = self.layer1
            self.classifier = self.head = self.fc  # other names of the same, as networks have them

        def forward(self, x: Any, *_: Any, **__: Any) -> Any:
            x = x if x.is_floating_point() else x.float()
            if x.dim() == 4 and x.shape[1] == 3:
                x = self.layer1(self.relu(self.bn1(self.conv1(x)))).mean((2, 3))
            x = x.flatten(1) if x.dim() > 1 else x.reshape(-1, 1)
            x = nn.functional.adaptive_avg_pool1d(x.unsqueeze(1), FEATURES).squeeze(1)
            return self.fc(x)

    Net.__qualname__ = "Net"
    globals()["Net"] = Net  # where pickle looks for it
    return Net
