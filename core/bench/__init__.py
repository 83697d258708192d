"""How fast it is, measured against what it is compared with, in turn and on the same machine.

``train`` against the loop a user would write, ``pair`` two trainings against one, ``start`` a cold server's first
page against an empty app's, ``live`` a watched training against one that nobody watches, ``gan`` the default GAN on
points against a bare loop. Two are no races: ``disentanglement`` trains the same model under two β and several seeds,
and reports what becomes of the factors; ``modes`` trains GANs that collapse and their cures, and counts the modes.
"""
