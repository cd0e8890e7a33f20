"""What a page complains of: errors in its console and exceptions that nobody caught."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, WebError


@dataclass
class Complaints:
    """Collects the complaints of every page of a browser context; ``expected`` are patterns of those that may be."""

    found: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext) -> None:
        """Collect from now on."""
        context.on("console", self._hear)
        context.on("weberror", self._catch)

    def expect(self, pattern: str) -> None:
        """Let complaints pass in which ``pattern`` is found; a test that breaks something says what that causes."""
        self.expected.append(pattern)

    @property
    def unexpected(self) -> list[str]:
        """The complaints that no test announced."""
        return [one for one in self.found if not any(re.search(pattern, one) for pattern in self.expected)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(f"{message.text} ({message.location['url']})")

    def _catch(self, error: WebError) -> None:
        self.found.append(f"uncaught: {error.error}")
