"""What a page asks of a GAN beside samples: how real D takes a place for, where it sends G, what a turn comes by."""

import torch
from torch import Tensor, nn

from core.models import adversarial as rules
from core.models.base import Batch, Model

__all__ = ["Judged"]

COMPANIES = 4  # of other examples in a pack with which each one is judged


class Judged(Model):
    """The looks of ``core.models.gan.GAN``, which has the networks; none of them learns, and eval mode is the caller's.

    Examples come as a ``Batch`` of ``x`` (B, *shape) and, where the model is conditional, ``y`` (B,).
    """

    def quantile(self, share: Tensor) -> Tensor:
        """See ``Model.quantile``."""
        return 2 * share - 1 if self.config.prior == "uniform" else torch.special.ndtri(share)

    @torch.no_grad()
    def realness(self, x: Tensor, real: Batch, generated: Batch) -> Tensor:
        """How real D takes each of ``x`` (n, *shape) for, (n,) in [0, 1], by the scale of ``rules.realness``.

        Each is judged by itself as one more generated example: where D packs or compares examples, those that it sees
        beside are ``generated``; of several companies in a pack the verdicts are averaged. Instance noise is left out.
        A conditional D is asked for every class, and its highest verdict counts.
        """
        kind = self.config.discriminator_loss
        scale = (real, generated) if kind in rules.PAIRED else ()
        verdict, *others = (self.alone(seen, generated) for seen in (x, *(b.x for b in scale)))
        return rules.realness(verdict, kind, *others)

    def alone(self, x: Tensor, generated: Batch) -> Tensor:
        """D's verdict on each of ``x`` (n, *shape) by itself among ``generated``, (n,)."""
        flat, others = x.flatten(1), self.beside(generated.x.flatten(1), generated.y)
        if not self.conditional:
            return self._in_packs(flat, others)
        every = torch.arange(self.spec.classes, device=x.device)
        verdicts = [
            self._in_packs(self.beside(flat, y.expand(len(flat))), others) for y in every.unbind()
        ]
        return torch.stack(verdicts).amax(0)

    def _in_packs(self, x: Tensor, others: Tensor) -> Tensor:
        """Verdicts on rows (n, d), each first in a pack that ``others`` (m, d) fill up, (n,)."""
        pack, n = self.config.packing, len(x)
        if pack == 1:
            return among(self.discriminator, x, others)
        batch = rules.packed(self.rows(others), pack)
        beside = batch[torch.arange(COMPANIES, device=x.device) % len(batch), x.shape[1] :]
        rows = torch.cat([x.repeat(COMPANIES, 1), beside.repeat_interleave(n, 0)], 1)
        return among(self.discriminator, rows, batch).view(COMPANIES, n).mean(0)

    def push(self, generated: Batch, real: Batch) -> Tensor:
        """Where D sends each generated example, (B, *shape): -n ∂L_G/∂x, in the loss's units per unit of data.

        L_G is what G minimises in training, with packs, comparisons, instance noise and looks ahead, a mean over n
        verdicts: each example has the gradient of its own one. Along it the loss falls fastest. 0 for examples that
        fill no pack.
        """
        with torch.enable_grad():
            x = generated.x.detach().requires_grad_()
            loss = self.missed(x, Batch(real.x, generated.y), ahead=True)
            (slope,) = torch.autograd.grad(loss, x)
        return -(len(self.rows(x)) // self.config.packing) * slope

    @torch.no_grad()
    def rehearse(self, phase: str, batch: Batch) -> dict[str, dict[str, Tensor]]:
        """What a turn comes by at each event, up to its update, which is not made.

        ``z`` (B, latent_dim), the very noise of the turn if torch's generator stands where the turn begins; ``x``
        (B, *shape) generated from it; ``judged`` (B,) in [0, 1], and in D's turn ``real`` and ``judged_real`` alike.
        """
        z = self.noise(len(batch.x))
        made = Batch(self.generate(z, batch.y), batch.y)
        judged = {"judged": self.realness(made.x, batch, made)}
        if phase == "D":
            judged |= {"real": batch.x, "judged_real": self.realness(batch.x, batch, made)}
        return {"sample noise": {"z": z}, "generate": {"x": made.x}, "judge": judged}


def among(network: nn.Sequential, x: Tensor, others: Tensor) -> Tensor:
    """What ``network`` says of each row (n, d) as if it stood alone in a batch of ``others`` (m, d): (n,)."""
    compares = any(hasattr(layer, "among") for layer in network)
    if not compares:
        return network(x).squeeze(1)
    for layer in network:
        own = layer.among(x, others) if hasattr(layer, "among") else layer(x)
        x, others = own, layer(others)
    return x.squeeze(1)
