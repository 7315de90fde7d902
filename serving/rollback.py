"""The way back: readers see an earlier version again."""

from pathlib import Path

from serving.reading import kept_versions
from serving.versions import PublicationError, current_version, point_to, sweep


def roll_back(folder: Path, version: str = "") -> str:
    """Have readers see a kept version again, by default the newest whole one before theirs.

    Returns its name. Raises PublicationError where it is not kept, or damaged.
    """
    current = current_version(folder)
    if current is None:
        raise PublicationError("Nothing is published.", "run the chain first")
    kept = kept_versions(folder)
    whole = [known.name for known in kept if not known.is_damaged]
    earlier = [name for name in whole if name < current]
    if not version and not earlier:
        raise PublicationError(
            f"No version before {current} is kept whole.", "mend the cause, and run the chain again"
        )
    chosen = version or earlier[0]
    if chosen not in whole:
        is_kept = chosen in [known.name for known in kept]
        raise PublicationError(
            f"The version {chosen} is {'damaged' if is_kept else 'not kept'}.",
            f"choose one of: {', '.join(whole)}" if whole else "run the chain again",
        )
    sweep(folder)
    point_to(folder, chosen)
    return chosen
