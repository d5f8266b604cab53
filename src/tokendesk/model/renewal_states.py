"""How far the renewal of something is that ends."""

NOT_ASKED, ASKED, PROMISED, RENEWED, LAPSE, ENDED = "not-asked", "asked", "promised", "renewed", "lapse", "ended"
STATES = (NOT_ASKED, ASKED, PROMISED, RENEWED, LAPSE, ENDED)
"""How far a renewal is. `lapse`: it may end; `ended`: it did, without a successor that is known."""

WORDS = {
    NOT_ASKED: "nobody asked",
    ASKED: "asked",
    PROMISED: "promised",
    RENEWED: "renewed",
    LAPSE: "may lapse",
    ENDED: "ended, not renewed",
}
"""As people read them."""
