"""The DAGs that come with Vigie, as a DAG bundle of its own: no folder of an author's has to hold them."""

from __future__ import annotations

from vigie.tasks.authored_bundle import AuthoredBundle
from vigie.tasks.own_place import OWN_FOLDER
from vigie.tasks.site import site_root


class OwnBundle(AuthoredBundle):
    """``vigie/dags``: the desk, the rounds, the mail desk, and a DAG for each procedure of the site.

    The last two read the site's ``include``, and are parsed anew when something there changes.
    """

    def __init__(self, **bundle: object) -> None:
        super().__init__(path=str(OWN_FOLDER), include=str(site_root() / "include"), **bundle)
