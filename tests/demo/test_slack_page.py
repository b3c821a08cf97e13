from __future__ import annotations

import shutil
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from slack_sdk import WebClient
from tests.demo.slack_app import SlackApp

from vigie.adapters.slack_messenger import SlackMessenger
from vigie.core.message import Button, Message, Outbound
from vigie.demo.captured_mail import read_mail
from vigie.demo.slack_stand_in import SlackStandIn
from vigie.demo.slack_world import Channel, SlackConfig, User

pytestmark = pytest.mark.needs("chromium")

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        with playwright.chromium.launch(executable_path=chromium, args=arguments) as launched:
            yield launched


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackStandIn]:
    spool = tmp_path_factory.mktemp("mails") / "mails.jsonl"
    raw = (
        f"Subject: {HOSTILE}\nFrom: vigie@vigie.example\nContent-Type: text/html\n\n<b>3 files</b>{HOSTILE}\n".encode()
    )
    mail = read_mail(raw, mail_from="vigie@vigie.example", recipients=["bruno@vigie.example"], login=None)
    spool.write_text(mail.as_line() + "\n")
    config = SlackConfig(
        team="Maison Vigie",
        users=[User(name="alice", real_name="Alice Martin"), User(name="bruno", real_name="Bruno Keller")],
        channels=[Channel(name="maison-lumiere", topic="Client Maison Lumière"), Channel(name="platform")],
    )
    with SlackStandIn(config, mails=spool) as each:
        yield each


@pytest.fixture
def page(browser: Browser, stand_in: SlackStandIn) -> Iterator[Page]:
    stand_in.forget()
    context = browser.new_context(viewport={"width": 1180, "height": 760})
    context.set_default_timeout(8000)
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    assert page.errors == []
    context.close()


@pytest.fixture
def client(stand_in: SlackStandIn) -> WebClient:
    return WebClient(token=stand_in.token, base_url=stand_in.api_url, retry_handlers=[])


def incident(text: str = "3 files of Tokyo are missing") -> list[dict[str, object]]:
    def button(label: str, action_id: str, **more: str) -> dict[str, object]:
        return {"type": "button", "text": {"type": "plain_text", "text": label}, "action_id": action_id, **more}

    return [
        {"type": "header", "text": {"type": "plain_text", "text": f":rotating_light: {text}"}},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*Store replenishment* did not arrive by `06:00`:\n> TYO01"},
        },
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "high · I-1 · <https://vigie.example/i/1|page>"}]},
        {
            "type": "actions",
            "elements": [button("Take it", "take", style="primary", value="I-1"), button("Open", "open")],
        },
    ]


def test_a_person_sees_a_page_come_in_and_presses_its_button(page: Page, stand_in: SlackStandIn, client: WebClient):
    page.goto(stand_in.url)
    expect(page.locator("#title")).to_have_text("# maison-lumiere")
    with SlackApp() as app:
        stand_in.send_presses_to(app.url)
        posted = client.chat_postMessage(channel="maison-lumiere", text="KO", blocks=incident())
        expect(page.locator("article h3")).to_have_text("🚨 3 files of Tokyo are missing")
        assert page.locator("article code").inner_text() == "06:00"
        assert page.locator("article a").get_attribute("href") == "https://vigie.example/i/1"

        page.select_option("#me", label="Bruno Keller")
        page.get_by_role("button", name="Take it").click()
        expect(page.locator("#toast")).to_contain_text("the app answered in")

        assert app.payload()["user"]["name"] == "bruno"
        assert app.payload()["actions"][0]["value"] == "I-1"
        app.status = 500
        page.get_by_role("button", name="Take it").click()
        expect(page.locator("#toast")).to_have_text("⚠ This did not reach the app: the app answered HTTP 500")

    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="taken", blocks=incident("taken")[:2])
    client.chat_postMessage(channel=posted["channel"], thread_ts=posted["ts"], text="taken by Bruno")
    expect(page.locator(".thread article")).to_contain_text("taken by Bruno")
    expect(page.locator("#messages > article > .body > .edited")).to_have_text("(edited)")
    expect(page.get_by_role("button", name="Take it")).to_have_count(0)


def test_hostile_text_stays_text(page: Page, stand_in: SlackStandIn, client: WebClient):
    client.chat_postMessage(channel="maison-lumiere", text=f"raw {HOSTILE}", blocks=incident(HOSTILE))
    client.chat_postMessage(channel="maison-lumiere", text="*<javascript:alert(1)|press me>* &lt;b&gt;")
    stand_in.say("maison-lumiere", "alice", f'`{HOSTILE}` <http://x.example/"onmouseover=alert(1)|{HOSTILE}>')
    page.goto(stand_in.url)
    expect(page.locator("article")).to_have_count(3)

    assert page.locator("article img, article script").count() == 0
    assert page.locator("article").nth(1).inner_text().endswith("press me <b>")
    assert page.locator("article a").first.get_attribute("href") == "https://vigie.example/i/1"
    assert page.locator("article a[href^=javascript]").count() == 0
    page.goto(f"{stand_in.url}/mails")
    expect(page.locator("article .who b")).to_have_text(HOSTILE)
    page.locator("summary", has_text="as HTML").click()
    expect(page.frame_locator("iframe").locator("b")).to_have_text("3 files")
    assert "owned" not in page.title()


def test_unread_counts_direct_messages_and_what_only_one_person_sees(
    page: Page, stand_in: SlackStandIn, client: WebClient
):
    alice = client.users_list()["members"][0]["id"]
    page.goto(stand_in.url)
    expect(page.locator("#title")).to_have_text("# maison-lumiere")
    client.chat_postMessage(channel="platform", text="blind")
    client.chat_postMessage(channel=alice, text="your turn")
    client.chat_postEphemeral(channel="maison-lumiere", user=alice, text="only Alice")

    expect(page.locator("nav button", has_text="platform").locator(".count")).to_have_text("1")
    expect(page.locator("#directs button")).to_have_count(1)
    expect(page.locator("article.ephemeral")).to_have_count(1)
    page.select_option("#me", label="Bruno Keller")
    expect(page.locator("article.ephemeral")).to_have_count(0)
    expect(page.locator("#directs button")).to_have_count(0)
    page.locator("nav button", has_text="platform").click()
    expect(page.locator("article")).to_contain_text("blind")


def test_a_permalink_shows_its_message(page: Page, stand_in: SlackStandIn, client: WebClient):
    posted = client.chat_postMessage(channel="platform", text="blind")
    link = client.chat_getPermalink(channel=posted["channel"], message_ts=posted["ts"])["permalink"]

    page.goto(link)

    expect(page.locator("article.wanted")).to_contain_text("blind")


def test_a_modal_is_filled_in_and_submitted(page: Page, stand_in: SlackStandIn, client: WebClient):
    page.goto(stand_in.url)
    page.select_option("#me", label="Alice Martin")
    field = {"type": "plain_text_input", "action_id": "text"}
    block = {"type": "input", "block_id": "note", "label": {"type": "plain_text", "text": "Why?"}, "element": field}
    boxes = [{"text": {"type": "plain_text", "text": each}, "value": each} for each in ("told", "logged")]
    ticked = {"type": "checkboxes", "action_id": "value", "options": boxes}
    checks = {"type": "input", "block_id": "list", "label": {"type": "plain_text", "text": "Done?"}, "element": ticked}
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Resolve"}, "blocks": [block, checks]}
    view["submit"] = {"type": "plain_text", "text": "Submit"}
    with SlackApp() as app:
        stand_in.send_presses_to(app.url)
        client.chat_postMessage(channel="maison-lumiere", text="KO", blocks=incident())
        page.get_by_role("button", name="Open").click()
        expect(page.locator("#toast")).to_contain_text("the app answered in")
        client.views_open(trigger_id=app.payload()["trigger_id"], view=view)
        page.get_by_label("Why?").fill("it")
        page.get_by_label("logged").check()
        app.answer = {"response_action": "errors", "errors": {"note": "Say which."}}
        page.get_by_role("button", name="Submit").click()
        expect(page.locator("dialog .wrong")).to_have_text("Say which.")
        app.answer = None
        page.get_by_label("Why?").fill("files came")
        page.get_by_role("button", name="Submit").click()
        expect(page.locator("dialog")).not_to_be_visible()

        values = app.payload()["view"]["state"]["values"]
    assert values == {
        "note": {"text": {"type": "plain_text_input", "value": "files came"}},
        "list": {"value": {"type": "checkboxes", "selected_options": [boxes[1]]}},
    }


def test_the_page_allows_no_foreign_content(stand_in: SlackStandIn):
    answer = httpx.get(stand_in.url)

    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert "://" not in answer.text
    assert httpx.get(f"{stand_in.url}/pages/..%2fslack_world.py").status_code == 404


def test_nothing_stands_under_take_it_once_it_is_taken(page: Page, stand_in: SlackStandIn, client: WebClient):
    """A double tap on *Take it*: the message changes between its halves."""
    link = Button(label="Open incident", action="open_incident", url="https://vigie.example/i/1", row=1)
    take = Button(label="Take it", action="acknowledge", value="INC-1", style="primary", row=0)
    taken = Button(label="Taken by Alice Martin at 02:05.", action="", row=0, only_words=True)
    resolve = Button(label="Resolve", action="resolve", value="INC-1", row=2)
    fields = {
        "incident": "INC-1", "client": "maison-lumiere", "channel": "slack", "purpose": "page",
        "recipient": "maison-lumiere", "message": Message(subject="3 files missing", text="TYO01"),
    }  # fmt: skip
    messenger = SlackMessenger(client)
    ref = messenger.send(Outbound(key="page", buttons=(take, link), **fields))
    page.goto(f"{stand_in.url}/")
    button = page.get_by_role("button", name="Take it")
    box = button.bounding_box()
    assert box is not None
    messenger.send(Outbound(key="tell", edits="page", buttons=(taken, link, resolve), **fields), reply_ref=ref)
    expect(page.get_by_role("button", name="Resolve")).to_be_visible()
    expect(page.locator("body")).to_contain_text("Taken by Alice Martin at 02:05.")
    under = "([x, y]) => !!document.elementFromPoint(x, y).closest('button, a')"
    assert not page.evaluate(under, [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "169.254.169.254"])
def test_a_page_of_another_host_cannot_read_the_stand_in(host: str) -> None:
    """A name that leads to loopback (DNS rebinding) gets nothing."""
    with SlackStandIn() as slack:
        answer = httpx.get(f"{slack.url}/", headers={"Host": host})
        assert (answer.status_code, answer.text) == (400, "Invalid host header")
        assert httpx.get(f"{slack.url}/").status_code == 200
