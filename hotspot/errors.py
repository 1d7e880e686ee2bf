"""Every failure an analyst can meet, each a sentence: what is wrong, where, what to do next."""


class HotspotError(Exception):
    """Base of all failures whose message is written for an analyst."""


class BadInput(HotspotError):
    """A file, a mapping or an option cannot be used as it is.

    Parameters
    ----------
    *faults
        One sentence per fault; all faults of one file are gathered before raising.
    """

    def __init__(self, *faults: str):
        super().__init__("\n".join(faults))
        self.faults = faults


class StoreError(HotspotError):
    """The store is missing, damaged or in use."""


class Unavailable(HotspotError):
    """The machine could not do it now (memory, disk, a process that ended); asked again, it may be there."""


class Conflict(HotspotError):
    """Somebody else saved the same record in between; nothing was overwritten."""


class NotAudited(HotspotError):
    """The audit log cannot be written or read."""


class NotKnowable(HotspotError):
    """These data cannot answer the question; the message says why and what can be shown.

    Parameters
    ----------
    message
        Why, in at most three sentences.
    headline
        What cannot be known, as a page's title says it.
    """

    def __init__(self, message: str, *, headline: str = "These data cannot answer this question"):
        super().__init__(message)
        self.headline = headline


class NotAllowed(HotspotError):
    """Who is signed in may not see or do this; the message says what it needs."""


class NotSignedIn(NotAllowed):
    """Nobody is signed in, or no longer; signing in would help."""


class FetchFailed(HotspotError):
    """A configured service did not give a complete and valid answer."""


class Unforeseen(Exception):
    """A failure in another process that is no sentence for an analyst; the text is the traceback, for the log."""
