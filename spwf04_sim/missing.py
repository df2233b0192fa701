"""The message for a package that is missing, which an extra of this project installs."""


def explained(error, extra):
    """Say as text what a ModuleNotFoundError means and what to do about it.

    extra: the extra that installs the package. A missing module of this project's own is no
    matter of extras: the error is raised again.
    """
    name = (error.name or "").partition(".")[0]
    if not name or name.startswith("spwf04"):
        raise error
    return (
        f"the package {name} is not installed; in a clone of this project: "
        f'pip install ".[{extra}]"'
    )
