"""What is wrong with a root bundle: it is loaded when something is."""


def of_head(head) -> ValueError:
    """The error for a file that does not begin as a bundle of this version. head: its bytes."""
    if head[:5] == b"-----":
        return ValueError(
            "source: a PEM file, not a root bundle: SSLContext(roots=…) takes it as it is"
        )
    if head[:4] != b"SPWR":
        return ValueError("source: not a root bundle: make it with `spwf04 bundle`")
    if head[4:5] in (b"", b"\x02"):
        return too_short()
    return ValueError(
        "source: a root bundle of version %d, and this driver reads version 2: make it anew with "
        "`spwf04 bundle`" % head[4]
    )


def too_short() -> ValueError:
    """The error for a file that ends before all is read that should be there."""
    return ValueError("source: the root bundle ends too early: copy it to the board again")


def of_index() -> ValueError:
    """The error for an index that cannot be right."""
    return ValueError("source: the root bundle's index is damaged: copy it to the board again")


def of_root(source, at) -> ValueError:
    """The error for a certificate that does not have its digest. source: the bundle's name or
    content. at: where its digest stands."""
    return ValueError(
        "%s: the root at byte %d of this bundle is damaged: copy it to the board again"
        % (source if isinstance(source, str) else "source", at)
    )
