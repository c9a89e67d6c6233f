"""Somebody at a page with a keyboard alone: where it is, what it reaches, what of that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

MOST = 200
"""Stops of a page that are looked at."""

_LOOKS = r"""
window.keyboard = (() => {
    const REACHED = 'a[href],button,input,select,textarea,summary,label,iframe,[tabindex],[role]';
    const TABBABLE = 'a[href],button,input,select,textarea,summary,iframe,[tabindex]';
    const visited = new Set();
    let last = null;

    const told = it => it.outerHTML.slice(0, it.outerHTML.indexOf('>') + 1).slice(0, 220)
        + (it.innerText || '').slice(0, 40);
    // The rings of a stop, which may be drawn by what stands beside or around it.
    const rings = it => [it, it.nextElementSibling, it.parentElement, it.firstElementChild]
        .filter(Boolean).map(one => {
            const style = getComputedStyle(one);
            const outline = style.outlineStyle === 'none' ? '' : style.outline;
            return [outline, style.boxShadow, style.stroke, style.strokeWidth].join();
        }).join(' | ');
    const shown = it => it.checkVisibility({ visibilityProperty: true }) && !it.closest('[inert]');
    // Of radio buttons with one name only the chosen one is a stop, or the first.
    const spoken = it => {
        if (it.type !== 'radio') return true;
        const group = [...document.getElementsByName(it.name)];
        return (group.find(one => one.checked) ?? group[0]) === it;
    };
    // WCAG 2.5.8: what stands in a line of text may be as tall as the line, and what is drawn
    // (a map, the numbers beside a log) is where it is.
    const excused = it => getComputedStyle(it).display === 'inline'
        || it.closest('[data-drawn],[role=log]') || it.tabIndex < 0;
    const size = it => {
        const boxes = [it, ...(it.labels ?? [])].map(one => one.getBoundingClientRect());
        const most = side => Math.round(Math.max(...boxes.map(box => box[side])));
        return [most('width'), most('height')];
    };

    const begin = () => {
        document.activeElement?.blur();
        document.body.tabIndex = -1;
        document.body.focus();
        document.body.removeAttribute('tabindex');
    };
    // Where the keyboard is now, and what was wrong with where it was: [state, complaints].
    const step = () => {
        const faults = [];
        if (last && last.it.isConnected && rings(last.it) === last.rings) {
            faults.push(`does not show that it has the focus: ${told(last.it)}`);
        }
        const it = document.activeElement;
        last = null;
        if (!it || it === document.body) return ['out', faults];
        if (visited.has(it)) return ['again', [...faults, told(it)]];
        visited.add(it);
        last = { it, rings: rings(it) };
        if (!(it.computedName ?? '').trim()) faults.push(`has no name: ${told(it)}`);
        const [width, height] = size(it);
        if (!excused(it) && Math.min(width, height) < 24) {
            faults.push(`is ${width} by ${height} px: ${told(it)}`);
        }
        return ['on', faults];
    };
    const first = () => visited.values().next().value === document.activeElement;
    const missed = () => [...document.querySelectorAll(TABBABLE)].filter(it =>
        it.tabIndex >= 0 && !it.disabled && shown(it) && spoken(it) && !visited.has(it)).map(told);
    // What answers a click and cannot be reached: by React's own account, or by the pointer.
    const reacts = it => {
        const key = Object.keys(it).find(name => name.startsWith('__reactProps$'));
        const pointer = one => one && getComputedStyle(one).cursor === 'pointer';
        return (key && it[key].onClick) || (pointer(it) && !pointer(it.parentElement));
    };
    const dead = () => [...document.body.querySelectorAll('*')].filter(it =>
        !it.closest(REACHED) && !it.querySelector(REACHED) && shown(it) && reacts(it)).map(told);
    return { begin, step, first, missed, dead };
})()
"""


class Keyboard:
    """A keyboard before a page; nothing here touches a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """One key after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Into wherever the keyboard is."""
        self.page.keyboard.type(text)

    def to(self, wanted: Locator, key: str = "Tab", most: int = MOST) -> None:
        """Press a key until the keyboard is on one of these.

        Raises:
            AssertionError: it never was; says where it ended.
        """
        expect(wanted.first).to_be_attached()
        for _ in range(most):
            self.press(key)
            if self.on(wanted):
                return
        raise AssertionError(f"{wanted} was not reached; the keyboard is on {self.where()}")

    def on(self, wanted: Locator) -> bool:
        """Whether the keyboard is on one of these."""
        return bool(wanted.evaluate_all("found => found.includes(document.activeElement)"))

    def within(self, selector: str) -> bool:
        """Whether the keyboard is somewhere inside."""
        return bool(
            self.page.evaluate("found => Boolean(document.activeElement.closest(found))", selector)
        )

    def where(self) -> str:
        """What the keyboard is on, as HTML."""
        return str(self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))

    def walk(self) -> list[str]:
        """Go through the whole page by Tab; what was wrong with its stops."""
        page = self.page
        page.evaluate(_LOOKS)
        page.evaluate("keyboard.begin()")
        found: list[str] = []
        for _ in range(MOST):
            self.press("Tab")
            state, faults = page.evaluate("keyboard.step()")
            if state == "again":
                if not page.evaluate("keyboard.first()"):
                    return [*found, f"comes back before it was everywhere: {faults[-1]}"]
                faults.pop()
            found += faults
            if state != "on":
                missed: list[str] = page.evaluate("keyboard.missed()")
                found += [f"was not reached: {one}" for one in missed]
                break
        dead: list[str] = page.evaluate("keyboard.dead()")
        return found + [f"answers a click and no key: {one}" for one in dead]


def settles(look: Callable[[], Any], page: Page, seconds: float = 10) -> None:
    """Wait until something is so at a page.

    Raises:
        AssertionError: it was not in time.
    """
    for _ in range(round(seconds * 20)):
        if look():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{page.url}: not so after {seconds} s")
