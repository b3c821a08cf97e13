"""Whether people see an element of HTML and its text, by the properties of CSS that hold for it."""

from __future__ import annotations

import re

from vigie.core.html_style import Properties

_NUMBER = re.compile(
    r"[ \t\r\n]{0,8}([-+]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))(px|pt|em|rem|ex|ch|%|in|cm|mm|pc|vw|vh)?\b|%",
    re.IGNORECASE,
)


def hides(properties: Properties) -> bool:
    """Whether an element with these properties is hidden with all that is in it."""
    if not properties:
        return False
    get = properties.get
    return bool(
        get("display") == "none"
        or get("mso-hide") == "all"
        or _is_nothing(get("opacity"), below=0.05)
        or (
            get("overflow") in {"hidden", "clip"}
            and any(_is_nothing(get(each)) for each in ("max-height", "height", "max-width", "width"))
        )
        or _is_far(get("text-indent"))
        or (get("position") in {"absolute", "fixed"} and (_is_far(get("left")) or _is_far(get("top"))))
        or (get("clip") or "")
        .replace(" ", "")
        .replace(",", "")
        .startswith(("rect(0000", "rect(0px0px0px0px", "rect(1px1px1px1px"))
        or (get("clip-path") or "").replace(" ", "").startswith(("inset(50%", "inset(100%"))
    )


def is_seen(properties: Properties, *, before: bool) -> bool:
    """Whether text is visible, where that of the element around it is so ``before``."""
    visibility = properties.get("visibility")
    if visibility in {"hidden", "collapse"}:
        return False
    return True if visibility == "visible" else before


def has_size(properties: Properties, *, before: bool) -> bool:
    """Whether text is larger than a point, where that of the element around it is so ``before``."""
    written = properties.get("font-size")
    if written is None and "font" in properties:
        shorthand = re.search(
            r"(?<![\w.#-])(\d{0,4}\.?\d{1,4}(?:px|pt|em|rem|%)?)(?:\s*/|\s)", f"{properties['font']} "
        )
        written = shorthand[1] if shorthand else None
    if written is None or written in {"inherit", "smaller", "larger"}:
        return before
    found = _NUMBER.match(written)
    if not found or found[1] is None:
        return True
    if found[2] in {"em", "%", "ex", "ch"}:
        return before and not _is_nothing(written, below=0.1 if found[2] != "%" else 10)
    return not _is_nothing(written, below=1.5 if found[2] in {None, "px", "pt"} else 0.1)


def _is_nothing(written: str | None, *, below: float = 0.5) -> bool:
    found = _NUMBER.match(written) if written else None
    return bool(found and found[1] is not None and float(found[1]) < below and float(found[1]) >= 0)


def _is_far(written: str | None) -> bool:
    """Whether it is moved out of sight: by 500 pixels and more to the left or the top."""
    found = _NUMBER.match(written) if written else None
    if not found or found[1] is None:
        return False
    return float(found[1]) * {"px": 1, "pt": 1, None: 1, "%": 5}.get(found[2], 10) <= -500
