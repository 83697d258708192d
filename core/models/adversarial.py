"""What generator and discriminator minimise. Logits are the discriminator's verdicts (B,): large means "real"."""

import torch.nn.functional as F
from torch import Tensor


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """-E ln D(x) - E ln(1 - D(G(z))), in nats (Goodfellow et al. 2014, eq. 1)."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def generator_loss(fake: Tensor, kind: str) -> Tensor:
    """What G minimises, in nats (Goodfellow et al. 2014, section 3).

    ``minimax``: E ln(1 - D(G(z))), which hardly moves G once D is sure; ``non_saturating``: -E ln D(G(z)).
    """
    return -F.softplus(fake).mean() if kind == "minimax" else F.softplus(-fake).mean()
