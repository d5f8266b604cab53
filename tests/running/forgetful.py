"""An organization that does not know some addresses."""

from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.people import Person


class Forgetful(Organization):
    unknown: frozenset[str] = frozenset()

    def find_email(self, email: str) -> Person | None:
        return None if email in self.unknown else super().find_email(email)
