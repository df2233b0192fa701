"""What is said when a package is missing that an extra of this project brings."""


def told(error, extra):
    """What a ModuleNotFoundError means and what to do about it, as text. extra: the one that
    brings what is missing. A missing module of this project's own is raised again."""
    name = (error.name or "").partition(".")[0]
    if not name or name.startswith("spwf04"):
        raise error
    return (
        f"the package {name} is not installed; in a clone of this project: "
        f"pip install '.[{extra}]'"
    )
