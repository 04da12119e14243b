"""A window of the demo page, used with the words of the people who look at it."""

from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request

ANA, BEN, CHLOE, DAN = "Ana Ruiz", "Ben Okafor", "Chloe Martin", "Dan Weber"
GINA, NOAH = "Gina Rossi (guest)", "Noah Lind (other organisation)"
USER_CHANNEL, RELATED_PARTY_CHANNEL = "user-compliance", "related-party-compliance"
OPERATIONS_CHANNEL = "compliance-operations"

DESKTOP = (1280, 800)
PHONE = (375, 720)


class Window:
    """One browser window with a session of its own; `problems` holds what went wrong in it, best empty."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        self._watch(page.context)

    async def act_as(self, person: str) -> None:
        """Be somebody else from now on."""
        await self.page.locator("select[name=user]").select_option(label=person)

    async def open(self, channel: str) -> None:
        """Open a channel in the sidebar."""
        await self.link(channel).click()

    async def open_home(self) -> None:
        """Open the app's home tab."""
        await self.page.locator("[data-place=home]").click()

    async def type(self, text: str) -> None:
        """Write in the open channel."""
        await self.page.get_by_role("textbox", name="Message").fill(text)
        await self.page.keyboard.press("Enter")

    async def send(self, kind: str) -> None:
        """Let Ralio send an event."""
        await self.page.locator(f"[data-send={kind}]").click()

    async def press(self, label: str) -> None:
        """Press a button; there has to be exactly one with this label."""
        await self.button(label).click()

    def button(self, label: str) -> Locator:
        """The real button with this label."""
        return self.page.locator("button", has_text=label)

    def link(self, channel: str) -> Locator:
        """The channel in the sidebar."""
        return self.page.locator("[data-channel]", has_text=channel)

    @property
    def unread(self) -> Locator:
        """The marks on the channels that have unread messages."""
        return self.page.locator("[data-channel] .badge")

    @property
    def messages(self) -> Locator:
        """What everybody sees in the open channel, without the threads."""
        return self.page.locator("li:not(.reply) > [data-ts]:not(.ephemeral)")

    @property
    def notes(self) -> Locator:
        """What only the acting person sees in the open channel."""
        return self.page.locator("[data-ts].ephemeral")

    async def open_thread(self) -> None:
        """Open the newest thread of the open channel at its side."""
        await self.page.locator(".thread-link").last.click()

    @property
    def replies(self) -> Locator:
        """What stands in the open thread."""
        return self.page.locator("#thread-messages [data-ts]")

    @property
    def copies(self) -> Locator:
        """The replies that the open channel shows, too."""
        return self.page.get_by_role("article", name="Also in the channel")

    @property
    def form(self) -> Locator:
        """The form that is open."""
        return self.page.locator("#modal")

    @property
    def home(self) -> Locator:
        """The home tab."""
        return self.page.get_by_role("region", name="Home tab")

    @property
    def answer(self) -> Locator:
        """How the bot answered the last event."""
        return self.page.get_by_role("status", name="The bot's last answer")

    @property
    def faults(self) -> Locator:
        """The faults of Slack that are on."""
        return self.page.get_by_role("status", name="Active faults")

    def _watch(self, context: BrowserContext) -> None:
        context.on("console", self._see_console)
        context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
        context.on("request", self._see_request)
        context.on("requestfailed", self._see_failure)

    def _see_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"console: {message.text}")

    def _see_request(self, request: Request) -> None:
        if urlsplit(request.url).hostname != "127.0.0.1":
            self.problems.append(f"a request to somewhere else: {request.url}")

    def _see_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # which is how a page ends that is left
            self.problems.append(f"{request.url}: {request.failure}")


async def open_window(browser: Browser, address: str, size: tuple[int, int] = DESKTOP) -> Window:
    """Open the page in a window that shares nothing with the others; closing its context closes it."""
    width, height = size
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="light",
        locale="en-GB",
    )
    window = Window(await context.new_page())
    await window.page.goto(address)
    return window
