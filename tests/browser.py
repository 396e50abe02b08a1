"""A headless Chromium for tests of the page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, TimeoutError, expect, sync_playwright

from assistant.api import Assistant
from assistant.session import SessionStore

WAIT = 60_000
"""Milliseconds that an action or an expectation may take."""
_TRY = 5_000
"""Milliseconds that a tab may take to be clicked before the page is looked at once more."""
_TRIES = 12


@contextmanager
def served(assistant: Assistant, store: SessionStore, port: int | None = None) -> Iterator[str]:
    """The address of a running page. port: any that is free by default."""
    import ui

    demo = ui.build_demo(assistant, store)
    _, url, _ = demo.launch(
        server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, quiet=True, **ui.launch_options()
    )
    yield url
    demo.close()


@contextmanager
def browsed(width: int, height: int, wait: int = WAIT) -> Iterator[Page]:
    """A page of a size in pixels; skipped without Chromium, but never in continuous integration."""
    chromium = os.environ.get("AETIA_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        if os.environ.get("CI"):
            pytest.fail("chromium must be installed in continuous integration")
        pytest.skip("chromium is not installed; set AETIA_CHROMIUM to its path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(wait)
        expect.set_options(timeout=wait)
        yield page
        browser.close()


def open_tab(page: Page, name: str) -> None:
    """Open a tab; those that do not fit hide behind a button.

    Just after loading the page still moves tabs behind the button: then it is looked at once more.
    """
    tab = page.get_by_role("tab", name=name)
    hidden = page.locator(".overflow-dropdown button").filter(has_text=name)
    for _ in range(_TRIES):
        try:
            if tab.count() and tab.first.is_visible():
                tab.first.click(timeout=_TRY)
            else:
                page.get_by_role("button", name="More tabs").click(timeout=_TRY)
                hidden.first.click(timeout=_TRY)
            return
        except TimeoutError:
            continue
    pytest.fail(f"no tab {name} can be opened")
