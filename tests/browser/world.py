"""People at their browsers, looking at one served demonstration. A page that misbehaves fails the test that saw it."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from ecoeficiencia.demo import PASSWORD
from ecoeficiencia.jobs import Job

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


class World:
    """`facts` is what one step leaves for the next: ids and numbers read on the pages."""

    def __init__(self, url, browser, folder, pictures):
        self.url, self.browser, self.folder, self.pictures = url, browser, Path(folder), Path(pictures)
        self.pages, self.facts, self.complaints, self.taken = {}, {}, [], set()
        self.broken = ""
        self.view = DESK  # how large the windows of these people are
        self.pictures.mkdir(parents=True, exist_ok=True)

    def walk(self, step):
        """Take one step of a walk whose steps build on each other: after the first that fails the others are none."""
        if self.broken:
            pytest.skip(f"The walk stopped at «{self.broken}».")
        self.broken = step.__name__
        step(self)
        self.broken = ""

    def visitor(self, name="visitor", **options):
        """A browser nobody signed in with."""
        if name not in self.pages:
            options = {"viewport": self.view, "locale": "es-PE", "timezone_id": "America/Lima"} | options
            page = self.browser.new_context(**options).new_page()
            page.set_default_timeout(20_000)
            page.on("console", lambda m: self._heard(page, m))
            page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
            self.pages[name] = page
        return self.pages[name]

    def person(self, account, email="", **options):
        """The browser of a demonstration account, signed in; a second browser of hers bears another name."""
        known = account in self.pages
        page = self.visitor(account, **options)
        if not known:
            self.sign_in(page, email or f"{account}@demo.example", PASSWORD)
        return page

    def sign_in(self, page, email, password):
        page.goto(f"{self.url}/cuenta/login/")
        page.get_by_label("Correo electrónico").fill(email)
        page.get_by_label("Contraseña").fill(password)
        page.get_by_role("button", name="Ingresar", exact=True).click()
        page.wait_for_url(lambda url: "/cuenta/login/" not in url)

    def go(self, page, path, status=200):
        """Open an address of the site, and know with which status it answered."""
        quiet = len(self.complaints)
        answer = page.goto(path if path.startswith("http") else self.url + path)
        assert answer.status == status, f"{answer.status} at {page.url}"
        if status != 200:  # the browser itself complains about the status we asked for
            del self.complaints[quiet:]

    def look(self, page, name, wide=True):
        """Nothing wrong may show on the page: no violation, no complaint; keep its picture, wide and narrow."""
        page.wait_for_load_state()
        found = Axe().run(page).response["violations"]
        wrong = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]
        assert wrong == [], f"axe at {page.url}: {wrong}"
        self.be_quiet()
        if name in self.taken:
            return
        self.taken.add(name)
        for size in (DESK, PHONE) if wide else (PHONE,):
            page.set_viewport_size(size)
            page.evaluate("scrollTo(0, 0)")  # else what sticks to the top is drawn in the middle
            page.screenshot(path=self.pictures / f"{name}-{size['width']}.png", full_page=True)
        # A picture leaves style="" behind; htmx would take it over into what it exchanges, and the policy refuse it.
        page.evaluate("document.querySelectorAll('[style=\"\"]').forEach((e) => e.removeAttribute('style'))")
        overflow = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size(self.view)
        assert overflow <= PHONE["width"], f"{page.url} is {overflow} px wide on a phone"

    def be_quiet(self):
        assert self.complaints == [], self.complaints

    def _heard(self, page, message):
        if message.type != "error":
            return
        if re.search(r"status of (404|409|422)", message.text):  # the page says it in words; tests look for them
            return
        self.complaints.append(f"{page.url}: {message.text}")

    def work(self):
        """Do every job that is due, as the worker would."""
        while job := Job.objects.due(timezone.now()).order_by("run_at", "pk").first():
            assert job.run(), f"{job.key} failed: {Job.objects.get(pk=job.pk).error}"

    def file(self, name, text="Documento de prueba"):
        """A small real PDF or PNG of that name to upload."""
        from PIL import Image, ImageDraw

        path = self.folder / name
        picture = Image.new("RGB", (600, 800), "white")
        ImageDraw.Draw(picture).text((60, 80), f"{text}: {name}", fill="black")
        picture.save(path)
        return str(path)


def press(page, name, **options):
    """Press the button or link of that name in the page's content, and wait for what follows."""
    main = page.locator("main")
    target = main.get_by_role("button", name=name, **options).or_(main.get_by_role("link", name=name, **options))
    target.first.click()
    settled(page)


def settled(page):
    """Wait until the page, or the part of it that a form with files exchanges, is there."""
    page.wait_for_load_state()
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0, timeout=20_000)


def confirm(page, label, button=None, fill=None):
    """Press a button that asks first, answer its question, and say yes."""
    page.locator("details.confirm > summary", has_text=label).first.click()
    dialog = page.locator("dialog[open], details.confirm[open] .confirm-box").last
    for name, value in (fill or {}).items():
        dialog.get_by_label(name).fill(value)
    dialog.get_by_role("button", name=button or label, exact=True).click()
    page.wait_for_load_state()


def text_of(page):
    return re.sub(r"\s+", " ", page.locator("main").inner_text())


def fill(page, **values):
    """Fill fields by the beginning of their labels: fill(page, Nombre="x"); dates as ISO."""
    for label, value in values.items():
        page.get_by_label(label).fill(value)
