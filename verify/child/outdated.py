"""API of torch, numpy and scipy that is gone or on its way out, and what has taken its place."""

from __future__ import annotations

import sys
from typing import Any, Dict, NamedTuple, Optional, Tuple


class Change(NamedTuple):
    """What became of a name: since which version, and what to write instead, as code."""

    since: str
    instead: str


class Gone(NamedTuple):
    """What became of a name of numpy: since which version, the name to write, what to do."""

    since: str
    instead: str
    advice: str


def instead_of(name: str, otherwise: str) -> str:
    """What to do about a name that is not there: take what replaced it, where that is known."""
    return f"use `{INSTEAD[name]}` instead" if name in INSTEAD else otherwise


def gone_from_numpy(name: str) -> Optional[Gone]:
    """Numpy says itself of names that it had once what has become of them."""
    numpy: Any = sys.modules.get("numpy")
    if numpy is None or name in vars(numpy):
        return None
    expired = getattr(getattr(numpy, "_expired_attrs_2_0", None), "__expired_attributes__", {})
    if name in getattr(numpy, "__former_attrs__", {}):
        instead = {"long": "int", "unicode": "str"}.get(name, name)
        return Gone("1.24", instead, f"write plain `{instead}` instead")
    if name in expired:
        said = str(expired[name]).rstrip(".")
        return Gone("2.0", "", said[:1].lower() + said[1:])
    return None


#: Names that are no longer there, or are there only to raise.
REMOVED: Dict[str, Change] = {
    "torch.symeig": Change("2.0", "torch.linalg.eigh(A)"),
    "torch.eig": Change("2.0", "torch.linalg.eig(A)"),
    "torch.lstsq": Change("2.0", "torch.linalg.lstsq(A, B)"),
    "torch.solve": Change("2.0", "torch.linalg.solve(A, B)"),
    "torch.matrix_rank": Change("2.0", "torch.linalg.matrix_rank(A)"),
    "torch.gels": Change("1.2", "torch.linalg.lstsq(A, B)"),
    "torch.gesv": Change("1.2", "torch.linalg.solve(A, B)"),
    "torch.potrf": Change("1.2", "torch.linalg.cholesky(A)"),
    "torch.btrifact": Change("1.2", "torch.linalg.lu_factor(A)"),
    "torch.rfft": Change("1.8", "torch.fft.rfft(x)"),
    "torch.irfft": Change("1.8", "torch.fft.irfft(x)"),
    "torch.ifft": Change("1.8", "torch.fft.ifft(x)"),
    "torch.utils.bottleneck": Change("2.13", "torch.profiler.profile()"),
    "torch.utils.ffi": Change("1.0", "torch.utils.cpp_extension"),
    "torch.legacy": Change("1.0", "torch.nn"),
    "torch._six": Change("2.0", "collections.abc, or plain Python 3"),
    "sklearn.datasets.load_boston": Change("1.2", "sklearn.datasets.fetch_california_housing"),
    "IPython.display.set_matplotlib_formats": Change(
        "9.0", "matplotlib_inline.backend_inline.set_matplotlib_formats"
    ),
    "scipy.misc.imread": Change("1.2", "imageio.imread"),
    "scipy.ndimage.imread": Change("1.2", "imageio.imread"),
    "scipy.misc.imsave": Change("1.2", "imageio.imwrite"),
    "scipy.misc.imresize": Change("1.3", "skimage.transform.resize"),
}
#: What took the place of names that other packages had, to be told where a name is not there.
INSTEAD: Dict[str, str] = {
    "PIL.Image.ANTIALIAS": "PIL.Image.LANCZOS",
    "pandas.value_counts": "pd.Series(values).value_counts()",
    "sklearn.cross_validation": "sklearn.model_selection",
    "sklearn.datasets.fetch_mldata": "sklearn.datasets.fetch_openml",
    "sklearn.datasets.samples_generator": "sklearn.datasets",
    "sklearn.externals.joblib": "joblib",
    "sklearn.grid_search": "sklearn.model_selection",
    "sklearn.linear_model.logistic": "sklearn.linear_model",
    "sklearn.metrics.plot_confusion_matrix": "ConfusionMatrixDisplay.from_estimator",
    "sklearn.metrics.plot_roc_curve": "RocCurveDisplay.from_estimator",
    "sklearn.preprocessing.Imputer": "sklearn.impute.SimpleImputer",
    "scipy.integrate.cumtrapz": "scipy.integrate.cumulative_trapezoid",
    "scipy.integrate.simps": "scipy.integrate.simpson",
    "scipy.integrate.trapz": "scipy.integrate.trapezoid",
    "scipy.interp": "numpy.interp",
}
#: Names that Python itself had in other modules, or under other names.
MOVED: Dict[str, Change] = {
    "time.clock": Change("3.8", "time.perf_counter()"),
    "inspect.getargspec": Change("3.11", "inspect.getfullargspec"),
    "fractions.gcd": Change("3.9", "math.gcd"),
    "os.getcwdu": Change("3.0", "os.getcwd()"),
    "itertools.izip": Change("3.0", "zip"),
    "itertools.imap": Change("3.0", "map"),
    "itertools.ifilter": Change("3.0", "filter"),
    "string.maketrans": Change("3.0", "str.maketrans"),
    "urllib.urlopen": Change("3.0", "urllib.request.urlopen"),
    "urllib.urlretrieve": Change("3.0", "urllib.request.urlretrieve"),
    "urllib.urlencode": Change("3.0", "urllib.parse.urlencode"),
    "urllib.quote": Change("3.0", "urllib.parse.quote"),
    **{
        f"collections.{name}": Change("3.10", f"collections.abc.{name}")
        for name in (
            "Callable", "Hashable", "Iterable", "Iterator", "Mapping", "MutableMapping",
            "MutableSequence", "MutableSet", "Sequence", "Set", "Sized",
        )
    },
}  # fmt: skip
#: Names that still work, and that torch itself advises against.
DEPRECATED: Dict[str, Change] = {
    "torch.nn.functional.upsample": Change("0.4.1", "F.interpolate"),
    "torch.nn.utils.clip_grad_norm": Change("0.4", "torch.nn.utils.clip_grad_norm_"),
    "torch.testing.assert_allclose": Change("1.12", "torch.testing.assert_close"),
    "torch.set_default_tensor_type": Change("2.1", "torch.set_default_dtype"),
    "torch.nn.functional.upsample_bilinear": Change("0.4.1", "F.interpolate"),
    "torch.nn.functional.upsample_nearest": Change("0.4.1", "F.interpolate"),
    "torch.nn.utils.weight_norm": Change("2.0", "torch.nn.utils.parametrizations.weight_norm"),
    "torch.autograd.Variable": Change("0.4", "torch.tensor"),
    "torch.range": Change("0.2", "torch.arange"),
    "torch.svd": Change("1.9", "torch.linalg.svd"),
    "torch.cholesky": Change("1.9", "torch.linalg.cholesky"),
    "torch.lu": Change("1.13", "torch.linalg.lu_factor"),
    "torch.lu_solve": Change("1.13", "torch.linalg.lu_solve"),
    "torch.ger": Change("1.8", "torch.outer"),
    "torch.qr": Change("1.8", "torch.linalg.qr"),
    "torch.chain_matmul": Change("1.8", "torch.linalg.multi_dot"),
    "torch.triangular_solve": Change("1.11", "torch.linalg.solve_triangular"),
    "torch.cuda.amp.autocast": Change("2.4", 'torch.amp.autocast("cuda")'),
    "torch.cuda.amp.custom_fwd": Change("2.4", 'torch.amp.custom_fwd(device_type="cuda")'),
    "torch.cuda.amp.custom_bwd": Change("2.4", 'torch.amp.custom_bwd(device_type="cuda")'),
    "torch.cuda.amp.GradScaler": Change("2.4", 'torch.amp.GradScaler("cuda")'),
    "torch.quantization.quantize_dynamic": Change(
        "1.10", "torch.ao.quantization.quantize_dynamic"
    ),
    **{
        f"torch.nn.init.{name}": Change("0.4", f"nn.init.{name}_")
        for name in (
            "uniform", "normal", "constant", "eye", "dirac", "xavier_uniform", "xavier_normal",
            "kaiming_uniform", "kaiming_normal", "orthogonal", "sparse",
        )
    },
}  # fmt: skip
#: What `reduction=` is in place of older arguments of losses, by their name and value.
REDUCTIONS: Dict[Tuple[str, bool], str] = {
    ("size_average", True): "mean",
    ("size_average", False): "sum",
    ("reduce", True): "mean",
    ("reduce", False): "none",
}
#: Layers that guess the dimension they work along where they are not told.
GUESSING = ("torch.nn.Softmax", "torch.nn.LogSoftmax", "torch.nn.Softmin")
#: Ready-made networks of torchvision whose old weights have a name of their own today.
PRETRAINED = (
    "alexnet", "vgg", "resnet", "resnext", "wide_resnet", "densenet", "googlenet", "inception_v3",
    "squeezenet", "mobilenet", "shufflenet", "mnasnet", "efficientnet", "regnet", "convnext",
    "vit_", "swin_",
)  # fmt: skip
