"""What the playground says of itself."""

WHAT_IT_IS = (
    "A generator **G** turns noise into points; a discriminator **D** learns to tell them from the real ones, "
    "and G learns from D's judgement. In the plane everything about it can be seen."
)
WHAT_IT_SHOWS = r"""
**What one sees.** Blue points are real, orange ones are $G(\mathbf z)$ of 512 draws of noise that never change, so that
each point can be followed. *D's verdict* is $D(\mathbf x)$ over the plane: blue where D says real, orange where it says
generated, nothing where it cannot tell. *Push* is the gradient that D sends to each generated point: along its arrow
G's loss falls; where arrows vanish, G learns nothing. *G's manifold* is an even grid of $\mathbf z$ as G warps it; each
of its cells holds the same share of the noise, so the smaller a cell, the denser the points and the more opaque its
colour. Drag the slider from *data* to *latent z* to see where each point comes from.
"""
WHAT_A_DECODER_SHOWS = r"""
**What one sees.** Blue points are real, orange ones are what the decoder makes of 512 draws from the prior that never
change, so that each point can be followed. *Decoder's manifold* is an even grid of $\mathbf z$ as the decoder warps it;
each of its cells holds the same share of the draws, so the smaller a cell, the denser the points and the more opaque
its colour. Nobody judges here: there is no verdict and no push. Beside a GAN on the same points a VAE leaves few modes
out, but fills the gaps between them.
"""
BARS_AND_CURVES = r"""
**The bars** count the samples at each mode: solid within three standard deviations of it, pale all to which it
is the nearest; the dashed line is what true data give. The alarm is raised when modes that were covered are lost: fewer
than before by at least two and by a quarter. It is marked in red on the time slider and in the curves; *Replay the
hopping* plays the film of the training from there.

**The curves.** *Modes* and *high quality* are of 2,500 samples, a sample being of high quality within three standard
deviations of its nearest mode. Data without modes have *covered cells* instead: of the cells of a 40 × 40 grid that
hold at least one of 2,500 true points on average, the share that holds a sample. KL and Jensen–Shannon divergence, in
nats, are of the samples' histogram on that grid against the true masses; dashed lines are what 2,500 true points reach.
Gradient norms are of all weights of a network, at single steps.
"""
SOURCES = """
Goodfellow et al. 2014, *Generative adversarial nets*; Metz et al. 2017, *Unrolled GANs*; Srivastava et al. 2017,
*VEEGAN*; Lin et al. 2018, *PacGAN*; Kahng et al. 2019, *GAN Lab*.
"""
CURES_TEXT = """
All of them train in one worker and in step, on the same points, from the same seed, with networks of the same size;
each differs from the uncured one in its cure alone, and in Adam's β₁ where its paper trains with less; a VAE has an
encoder in D's place, and trains by its own settings. One that was paused by itself catches up before the others go on.
The table holds what was last measured up to the moment that the slider shows: the modes covered by 2,500 samples, the
share of these within three standard deviations of their nearest mode, and in nats the divergence of the modes' shares
from even ones (reverse KL); pictures and bars are of 512 samples. A cure that does not help is shown as it is;
what is said of each where one chooses is of ten seeds on the ring, a minute of one core each.
"""
