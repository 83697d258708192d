"""The linear layer's two ways give the same numbers, and the same derivatives, to rounding."""

import pytest
import torch
import torch.nn.functional as F

from core.models import linear as module
from core.models.linear import Product, linear


@pytest.fixture
def operands():
    torch.manual_seed(0)
    x, weight, bias = torch.randn(64, 300), torch.randn(100, 300), torch.randn(100)
    return [tensor.requires_grad_() for tensor in (x, weight, bias)]


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this torch has no oneDNN")
def test_onednn_gives_the_same_to_the_second_derivative(operands):
    found = []
    for way in (F.linear, Product.apply):
        out = way(*operands)
        first = torch.autograd.grad(out.square().sum(), operands, create_graph=True)
        second = torch.autograd.grad(sum(g.square().sum() for g in first), operands)
        found.append((out, *first, *second))
    for plain, quick in zip(*found, strict=True):
        torch.testing.assert_close(quick, plain, rtol=1e-4, atol=1e-4 * plain.abs().max().item())


def test_only_large_products_of_a_training_take_the_other_way(operands, monkeypatch):
    x, weight, bias = operands
    monkeypatch.setattr(module, "_foreign_avx512", lambda: True)

    def way(*args) -> str:
        return type(linear(*args).grad_fn).__name__

    assert way(x, weight, bias) == "ProductBackward"
    assert way(x[:4], weight, bias) == "AddmmBackward0"
    assert way(x.double(), weight.double(), bias.double()) == "AddmmBackward0"
    with torch.no_grad():
        assert linear(x, weight, bias).grad_fn is None
    monkeypatch.setattr(module, "_foreign_avx512", lambda: False)
    assert way(x, weight, bias) == "AddmmBackward0"
