"""What the benches print."""


def test_disentanglement_stands_beside_what_was_published(core):
    out = core("bench", "disentanglement", "--seeds", "1", "--steps", "2").out.splitlines()
    assert [line.split(":")[0] for line in out] == [
        "β = 1, seed 0",
        "β = 4, seed 0",
        "β = 1, one run",
        "β = 4, one run",
    ]
    assert "published on dSprites: 0.10" in out[2]
    assert "published on dSprites: 0.21" in out[3]
    assert "±" not in out[2]
