"""HTTP content negotiation (RFC 9110, section 12.5.1): which of the media types on offer a client likes best."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def choose(accept: str, offers: Iterable[str]) -> str | None:
    """The offer with the highest quality in an Accept header, of equals the first; None if the client wants none of them.

    Of several ranges that fit an offer, the most specific decides. An empty header accepts everything.
    """
    ranges = _ranges(accept) if accept.strip() else {"*/*": 1.0}

    def quality(offer: str) -> float:
        fitting = (offer, offer.partition("/")[0] + "/*", "*/*")
        return next((ranges[media] for media in fitting if media in ranges), 0.0)

    best = max(offers, key=quality, default=None)  # of equals, max takes the first
    return best if best is not None and quality(best) > 0 else None


def _ranges(accept: str) -> dict[str, float]:
    """Media ranges with their quality; a malformed range counts as not given."""
    ranges: dict[str, float] = {}
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = -1.0
        if media and 0 <= quality <= 1:
            ranges[media] = max(quality, ranges.get(media, 0.0))
    return ranges
