"""What a map is asked for, and the name under which the answer is kept.

A request is complete: every setting of the method is in it, so that leaving one out and writing its default down are
the same request.
"""

import hashlib
import json
import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.analysis import maps
from core.analysis.maps.base import MapSettings
from core.fields import validated

__all__ = ["MOST", "MapRequest", "requested"]

FORMAT = 1  # of what is kept under a key; a change of a method that changes its maps counts up
MOST = 50_000  # points of one map
DIGITS = 20
OF = re.compile("codes|pixels|layer:.{1,200}")


class MapRequest(BaseModel):
    """A map of ``n`` rows of a ``split``, drawn by ``sample_seed``, seen by ``run`` at ``step``.

    ``of`` is what of them is mapped: ``codes``, ``pixels`` or ``layer:NAME``. ``over`` is ``one`` snapshot or the whole
    ``training``. Raises ``BadInput`` for wrong ``settings`` of the method, its fields named.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: str = Field(min_length=1, max_length=64, description="The run whose codes are mapped.")
    step: int = Field(ge=0, description="The training step at which the run is looked at.")
    of: str = Field(
        "codes",
        description="What is mapped: codes, pixels or layer:NAME, the activations of that layer.",
    )
    split: Literal["train", "validation", "test"] = Field(
        "test", description="The part of the data set that the rows are drawn from."
    )
    n: int = Field(10_000, ge=3, le=MOST, description="How many rows, drawn fairly by class.")
    sample_seed: int = Field(0, ge=0, lt=2**31, description="Decides which rows are drawn.")
    method: str = Field("pca", description="How the map is made.")
    settings: dict[str, Any] = Field(
        {}, validate_default=True, description="The method's own settings."
    )
    dims: Literal[2, 3] = Field(2, description="Flat, or in space.")
    over: Literal["one", "training"] = Field(
        "one", description="One snapshot, or every snapshot of the training."
    )

    @field_validator("of")
    @classmethod
    def _mappable(cls, of: str) -> str:
        if not OF.fullmatch(of):
            raise ValueError("should be codes, pixels or layer:NAME")
        return of

    @field_validator("method")
    @classmethod
    def _known(cls, name: str) -> str:
        maps.get(name)
        return name

    @field_validator("settings")
    @classmethod
    def _complete(cls, values: dict[str, Any], info: Any) -> dict[str, Any]:
        if "method" not in info.data:
            return values  # whose complaint comes first
        return validated(maps.get(info.data["method"]).Settings, values).model_dump(mode="json")

    def chosen(self) -> MapSettings:
        """The settings as the method takes them."""
        return maps.get(self.method).Settings(**self.settings)

    def key(self, weights: str) -> str:
        """The name of the answer, 20 hexadecimal digits: of the request and of ``weights``, which tells the state of
        the run's weights from any other.
        """
        whole = {"format": FORMAT, "weights": weights, "request": self.model_dump(mode="json")}
        canonical = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:DIGITS]


def requested(values: dict[str, Any]) -> MapRequest:
    """The request with these fields. Raises ``BadInput`` with one sentence for each wrong one."""
    return validated(MapRequest, values)
