"""A note with every kind of card, and what is hard to show on each."""

SAMPLE = """\
# 张量

## 形状

### 广播（broadcasting）遵循哪些规则？

从**最后一维**开始逐维比较，两维*相等*、其一为 `1`，或其一不存在时可以广播[^1]。设
$x \\in \\mathbb{R}^{m \\times 1}$，则

$$\\mathrm{out}_{ij} = x_{i1} + y_{j}, \\qquad i \\le m,\\; j \\le n$$

```python
import torch

def scaled_dot_product(query, key, value, *, mask=None, dropout_p=0.0):
    \"\"\"缩放点积注意力：一行很长的文档字符串，在手机上要能读，而不必拖动整张卡片。\"\"\"
    scores = query @ key.transpose(-2, -1) / query.size(-1) ** 0.5
    return scores.softmax(dim=-1) @ value
```

| 运算 | 输入 | 结果的形状 | 复制数据 |
|---|---|---|:-:|
| `x + y` | `(3, 1)`、`(4,)` | `(3, 4)` | 否 |
| `x.expand(3, 4)` | `(3, 1)` | `(3, 4)` | 否 |
| `x.repeat(1, 4)` | `(3, 1)` | `(3, 4)` | **是** |

1. 先补齐维数；
2. 再逐维比较：
   - 相等；
   - 其一为 1。

> 广播不复制数据，`stride` 为 0。

[^1]: NumPy 亦然。

### 怎样得到全为 1 的张量？

```python
import torch
x = torch.onse(2, 3)
print(x.shape)
```

### 池化的输出有多大？

![一张很宽的图](shape.png)

按住 <kbd>Ctrl</kbd> 可放大，见[自动求导](04-autograd.md)。

### 视图

`x.view(...)` {{c1::与 `x` 共享内存::共享还是复制}}，而 `x[::2]` 得到的也是{{c2::视图，步幅翻倍}}；
`d = {"a": {"b": 1}}` 里的 {{c3::`}}`}} 不受影响。

### 切片

```python {card=output}
x = list(range(6))
print(x[::2], {"a": {"b": x[-1]}})
```
"""
