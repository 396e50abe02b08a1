"""Whose sessions are shown: in a real browser, over a restart of the server."""

import time
from pathlib import Path

from playwright.sync_api import Route, expect

from assistant.api import Assistant
from assistant.session import SessionStore
from tests.browser import browsed, open_tab, served


def test_what_was_told_at_once_is_found_again_after_a_restart(in_world: Assistant, tmp_path: Path) -> None:
    store = SessionStore(f"sqlite:///{tmp_path / 'sessions.sqlite3'}")
    slow = []

    def late(route: Route) -> None:
        """The first call of the page comes late to the server, as on a busy machine."""
        if not slow:
            slow.append(time.sleep(2))
        route.continue_()

    with browsed(1600, 1100) as page:
        with served(in_world, store) as url:
            page.route("**/queue/join*", late)
            page.goto(url)
            box = page.locator("#message textarea")
            box.fill("fever and cough")
            box.press("Enter")
            expect(page.locator("#differential li .name").first).to_be_visible()
            expect(box).to_be_enabled()
            page.unroute("**/queue/join*")
        assert store.listed("") == []  # nobody's: no browser would show it again

        with served(in_world, store, int(url.strip("/").rsplit(":", 1)[1])) as again:
            page.goto(again)
            open_tab(page, "Sessions")
            expect(page.locator("label").filter(has_text="fever and cough")).to_be_visible()
