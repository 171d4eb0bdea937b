"""The names that notes use without defining them, and what is put in their place.

A row is the names, what stands for them where a batch of images is meant, and what else where a
batch of features is; without the last, the same. The expressions are evaluated in the child when
the name is first used; `fit` makes values that fit each other and what the code itself has
defined (`verify/child/fitting.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: How many sets of values are tried: a batch of images, a batch of features.
CANDIDATES = 2


@dataclass(frozen=True, slots=True)
class _Row:
    names: str
    image: str
    features: str = ""


_MODELS = (
    _Row(
        "model net network module backbone pretrained_model my_model mymodel cnn mlp resnet "
        "model1 model2 model_0 model_1 model_2 student teacher classifier base_model trained_model "
        "net1 net2",
        "fit.model()",
    ),
    _Row(
        "Model Net MyModel MyNet Network NeuralNetwork Classifier CNN MLP SimpleNet SimpleModel "
        "SimpleCNN LeNet ResNet YourModel TheModelClass Classnet ClassNet Backbone "
        "your_model resnet18 resnet34 resnet50 resnet101 vgg16 alexnet",
        "fit.Net",
    ),
    _Row("layer fc linear fc1 dense", "nn.Linear(8, 10)"),
    _Row("conv conv1 conv_layer", "nn.Conv2d(3, 8, 3, padding=1)"),
    _Row("bn", "nn.BatchNorm2d(8)"),
    _Row("lstm", "nn.LSTM(8, 16, batch_first=True)"),
    _Row("rnn", "nn.RNN(8, 16, batch_first=True)"),
    _Row("gru", "nn.GRU(8, 16, batch_first=True)"),
    _Row("optimizer optimiser opt", "torch.optim.SGD(fit.parameters(), lr=0.01, momentum=0.9)"),
    _Row("scheduler lr_scheduler", "torch.optim.lr_scheduler.StepLR(fit.optimizer(), 10)"),
    _Row(
        "criterion loss_fn loss_func loss_function lossfn crit",
        "nn.CrossEntropyLoss()",
        "nn.MSELoss()",
    ),
    _Row("scaler", "torch.amp.GradScaler('cpu')"),
)
_DATA = (
    _Row(
        "x X xb inputs input images image imgs img data batch input_data batch_x x_batch sample "
        "samples input_tensor x_train X_train x_test X_test train_x test_x features feature",
        "fit.images()",
        "fit.features()",
    ),
    _Row(
        "y Y yb labels label targets target y_true y_batch batch_y gt y_train y_test train_y "
        "test_y",
        "fit.labels()",
    ),
    _Row(
        "outputs output logits pred preds prediction predictions y_pred y_hat out",
        "fit.outputs()",
    ),
    _Row("loss total_loss", "fit.loss()"),
    _Row(
        "dataset trainset train_set train_data train_dataset training_data testset test_set "
        "test_data test_dataset valset val_set val_data val_dataset valid_dataset my_dataset",
        "fit.dataset(image=True)",
        "fit.dataset(image=False)",
    ),
    _Row("your_dataset MyDataset", "fit.Dataset"),
    _Row(
        "loader dataloader data_loader train_loader trainloader train_dataloader train_dl "
        "train_iter test_loader testloader test_dataloader test_dl test_iter val_loader valloader "
        "val_dataloader valid_loader",
        "fit.loader(image=True)",
        "fit.loader(image=False)",
    ),
    _Row(
        "tensor tensor1 tensor2 tensor3 tensor_a tensor_b tensor_1 tensor_2 t1 t2 x1 x2 x3 a b c z "
        "w A B other other_tensor my_tensor mat1 mat2",
        "fit.tensor()",
    ),
)  # fmt: skip
_SETTINGS = (
    _Row("input_ids token_ids", "torch.randint(0, 100, (4, 10))"),
    _Row("attention_mask", "torch.ones(4, 10, dtype=torch.long)"),
    _Row("device DEVICE", "torch.device('cpu')"),
    _Row(
        "path PATH filepath file_path filename save_path model_path checkpoint_path ckpt_path "
        "MODEL_PATH SAVE_PATH save_file model_file",
        "'assumed.pt'",
    ),
    _Row("epoch step global_step batch_idx dim axis rank local_rank gpu start_epoch", "0"),
    _Row(
        "epochs EPOCHS num_epochs n_epochs max_epochs NUM_EPOCHS N_EPOCHS max_epoch num_epoch "
        "n_epoch EPOCH accumulation_steps gradient_accumulation_steps",
        "2",
    ),
    _Row("total_steps num_training_steps max_steps num_steps max_iter", "100"),
    _Row("warmup_steps num_warmup_steps warmup step_size log_interval print_every", "10"),
    _Row("best_loss best_val_loss best_acc best_accuracy running_loss", "0.0"),
    _Row("nz latent_dim z_dim noise_dim", "16"),
    _Row("ngf ndf", "8"),
    _Row("nc num_channels n_channels channels", "3"),
    _Row("image_size img_size IMG_SIZE", "32"),
    _Row("beta1", "0.9"),
    _Row("beta2", "0.999"),
    _Row("temperature max_norm max_grad_norm grad_clip clip", "1.0"),
    _Row("eps epsilon", "1e-6"),
    _Row("patience top_k", "3"),
    _Row("num_samples n_samples", "8"),
    _Row("batch_size BATCH_SIZE bs batchsize batch_size_per_gpu", "4"),
    _Row("num_classes n_classes NUM_CLASSES num_labels n_class", "10"),
    _Row("in_channels in_channel in_ch", "3"),
    _Row("out_channels out_channel out_ch", "8"),
    _Row("kernel_size", "3"),
    _Row("stride dilation groups world_size num_gpus", "1"),
    _Row("padding output_padding num_workers NUM_WORKERS", "0"),
    _Row("input_size in_features input_dim in_dim n_features num_features", "8"),
    _Row("hidden_size hidden_dim n_hidden num_hiddens hidden", "16"),
    _Row("embed_dim embedding_dim d_model emb_dim embed_size embedding_size", "16"),
    _Row("d_ff ffn_dim intermediate_size hidden_units", "32"),
    _Row("d_k d_v head_dim", "4"),
    _Row("output_size out_features output_dim out_dim num_outputs", "10"),
    _Row("num_layers n_layers", "2"),
    _Row("num_heads nhead n_heads", "4"),
    _Row("vocab_size", "100"),
    _Row("seq_len seq_length max_len", "10"),
    _Row("lr LR learning_rate LEARNING_RATE base_lr", "0.01"),
    _Row("momentum", "0.9"),
    _Row("weight_decay", "1e-4"),
    _Row("dropout drop_prob", "0.1"),
    _Row("seed SEED", "0"),
    _Row("shuffle", "True"),
    _Row("threshold", "0.5"),
    _Row("nums numbers arr", "[3, 1, 4, 1, 5]"),
    _Row("words", "['one', 'two', 'three']"),
    _Row("class_names classes", "[f'class {number}' for number in range(10)]"),
    _Row("TreeNode", "fit.TreeNode"),
    _Row("ListNode", "fit.ListNode"),
    _Row("timer", "fit.imported('timeit', 'default_timer')"),
    _Row("pad_collate collate_fn my_collate", "torch.utils.data.default_collate"),
)  # fmt: skip
#: Imports that notes leave out: the module, and names from it.
_IMPORTS = {
    "torch.utils.data": "DataLoader Dataset TensorDataset Subset random_split IterableDataset",
    "torch.autograd": "Variable",
    "torch.optim": "SGD Adam AdamW",
    "torch": "Tensor",
    "torch.optim.lr_scheduler": "StepLR MultiStepLR CosineAnnealingLR ReduceLROnPlateau LambdaLR",
    "torch.nn.parallel": "DistributedDataParallel",
    "torch.utils.data.distributed": "DistributedSampler",
    "torch.utils.tensorboard": "SummaryWriter",
    "torch.nn": "init Parameter Module Linear Conv2d ReLU Softmax Sequential CrossEntropyLoss",
    "torch.nn.utils": "clip_grad_norm_",
    "collections": "OrderedDict defaultdict Counter deque namedtuple",
    "functools": "partial reduce lru_cache cached_property wraps",
    "itertools": "combinations groupby permutations zip_longest",
    "heapq": "heapify heappop heappush heapreplace nlargest nsmallest",
    "bisect": "bisect_left bisect_right insort",
    "copy": "deepcopy",
    "math": "sqrt ceil floor",
    "pathlib": "Path",
    "typing": "List Dict Tuple Set Optional Union Any Callable Type Iterable Iterator Generator "
    "Sequence Mapping Literal Generic TypeVar Protocol TypedDict NamedTuple",
    "dataclasses": "dataclass asdict",
    "abc": "ABC abstractmethod",
    "enum": "Enum IntEnum",
    "contextlib": "contextmanager suppress",
    "concurrent.futures": "ThreadPoolExecutor ProcessPoolExecutor as_completed",
    "threading": "Thread Lock",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "io": "BytesIO StringIO",
    "timeit": "default_timer",
    "torchvision": "transforms datasets models",
    "tqdm": "tqdm",
    "PIL": "Image",
}
_MODULES = {
    **{
        name: name
        for name in (
            "os", "sys", "math", "time", "random", "copy", "json", "re", "collections", "itertools",
            "functools", "logging", "argparse", "pickle", "glob", "datetime", "shutil", "warnings",
            "threading", "asyncio", "heapq", "subprocess", "contextlib", "inspect", "csv",
            "hashlib", "tempfile", "textwrap", "uuid", "gc", "traceback", "torchvision",
            "torchtext", "torchaudio", "bisect", "timeit", "statistics", "sqlite3", "struct",
            "decimal", "fractions", "multiprocessing", "weakref", "cmath", "zipfile", "base64",
            "secrets", "typing", "enum", "abc", "dis", "pprint", "tracemalloc", "cProfile",
        )
    },
    "plt": "matplotlib.pyplot",
    "pd": "pandas",
    "lr_scheduler": "torch.optim.lr_scheduler",
    "dist": "torch.distributed",
    "mp": "torch.multiprocessing",
}  # fmt: skip


#: Names that mean a module where its classes are taken from them, and values elsewhere.
_HOLDERS = {"data": "torch.utils.data"}


def _table() -> Mapping[str, tuple[str, str]]:
    rows = {
        name: (row.image, row.features or row.image)
        for row in (*_MODELS, *_DATA, *_SETTINGS)
        for name in row.names.split()
    }
    for module, names in _IMPORTS.items():
        for name in names.split():
            rows.setdefault(name, (f"fit.imported({module!r}, {name!r})",) * 2)
    for name, module in _MODULES.items():
        rows.setdefault(name, (f"fit.imported({module!r})",) * 2)
    return rows


TABLE = _table()


def is_conventional(name: str, code: str) -> bool:
    """Whether it is known what is usually meant by a name, as code uses it."""
    return bool(values_of([name], 0, code))


def usual_imports(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """What those of the names usually are that notes use without importing them."""
    rows = ((module, names.split()) for module, names in _IMPORTS.items())
    known = {name: (module, name) for module, inside in rows for name in inside}
    return {name: known[name] for name in names if name in known}


def values_of(names: Iterable[str], candidate: int, code: str) -> dict[str, str]:
    """The expressions for those of the names that are conventional, as code uses them.

    What has a class, as in `data.Dataset`, is a module and no value.
    """
    found = {}
    for name in names:
        if name not in TABLE and name not in _HOLDERS:
            continue
        classes = set(re.findall(rf"(?<![\w.]){re.escape(name)}\.([A-Z][a-z]\w+)", code))
        if name in _HOLDERS and classes and classes <= set(_IMPORTS[_HOLDERS[name]].split()):
            found[name] = f"fit.imported({_HOLDERS[name]!r})"
        elif name in TABLE and (not classes or "fit.imported" in TABLE[name][0]):
            found[name] = TABLE[name][candidate]
            if found[name].startswith("fit.loader(") and (keys := _keys_of(name, code)):
                found[name] = found[name].replace("fit.loader(", f"fit.records({keys!r}, ")
    return found


def _keys_of(loader: str, code: str) -> list[str]:
    """The keys by which code takes the parts of a batch out of it: `batch["labels"]`."""
    source = rf"(?:\w+\()*{re.escape(loader)}\b"
    batches = re.findall(rf"\bfor (?:\w+, )?(\w+) in {source}", code)
    batches += re.findall(rf"^\s*(\w+) = next\(iter\({source}", code, re.MULTILINE)
    keys = (re.findall(rf"(?<!\w){batch}\[[\"'](\w+)[\"']\]", code) for batch in batches)
    return list(dict.fromkeys(key for found in keys for key in found))
