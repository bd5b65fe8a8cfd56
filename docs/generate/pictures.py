"""Take the pictures of pages in the documentation: `python -m docs.generate.pictures`.

Needs Chromium and its driver. What a picture shows was computed on the machine that took it: on
another one the last digits of figures and the places of points in a map may differ.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from metier import Documents, Runtime, Texts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "pictures"
WIDTH = 1000


class Picture(NamedTuple):
    """A part of the page of a result.

    Attributes:
        workflow: that makes the result.
        sample: file that it reads, of its plugin; or a folder, which it gets as a path.
        parameters: of the workflow.
        heading: that the picture begins with, unless a row is read.
        height: of the picture, in pixels.
        opened: whether the first row under the heading is opened.
        read: text of a cell whose row is chosen, so that its passage is shown; the sample is read
            as documents.
        width: of the picture, in pixels.
    """

    workflow: str
    sample: str
    parameters: dict[str, object]
    heading: str
    height: int
    opened: bool = False
    read: str = ""
    width: int = WIDTH


PICTURES = {
    "work-list.png": Picture(
        "finance/flag-loans",
        "applications.csv",
        {},
        "Flagged applications, highest first",
        715,
        True,
    ),
    "complaints.png": Picture(
        "finance/cluster-complaints",
        "complaints.csv",
        {"date_column": "received", "period": "quarter"},
        "Map of the complaints",
        1045,
    ),
    "note-map.png": Picture(
        "healthcare/cluster-notes", "notes.jsonl", {"groups": 6}, "Map of the notes", 850
    ),
    "code-search.png": Picture(
        "code/search",
        "shop",
        {"query": "wait longer after each failed attempt and try again", "top_k": 4},
        "Search in source code: shop",
        700,
    ),
    "code-map.png": Picture("code/map", "shop", {}, "Map of the definitions", 900),
    "contract-review.png": Picture(
        "legal/review-contract",
        "supply-agreement.txt",
        {},
        "Contract review: supply-agreement.txt",
        900,
        read="Exclusivity",
        width=1400,
    ),
    "risk-head.png": Picture(
        "finance/fit-risk",
        "earlier-applications.csv",
        {"columns": ["amount"], "recall": 0.8},
        "Calibration",
        1095,
    ),
}
"""Each picture with what it shows."""


def take(name: str, rt: Runtime) -> None:
    """Write a picture.

    Args:
        name: of its file.
        rt: the Runtime that computes what it shows.
    """
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService
    from selenium.webdriver.common.by import By

    picture = PICTURES[name]
    domain, _, _ = picture.workflow.partition("/")
    samples = ROOT / "plugins" / domain / f"metier_{domain}" / "samples"
    sample = samples / picture.sample
    kind = Documents if picture.read else Texts
    texts = str(sample) if sample.is_dir() else rt.read(sample, kind)
    result = rt.run(picture.workflow, texts, **picture.parameters)
    options, service = ChromeOptions(), ChromeService(shutil.which("chromedriver"))
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    with (
        tempfile.TemporaryDirectory() as folder,
        Chrome(options=options, service=service) as browser,
    ):
        (page,) = result.save(Path(folder) / "page.html")
        size = {"width": picture.width, "height": picture.height}
        size |= {"deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.get(page.as_uri())
        section = f"//*[self::h1 or self::h2 or self::h3][normalize-space()='{picture.heading}']"
        heading = browser.find_element(By.XPATH, section)
        if picture.opened:
            heading.find_element(By.XPATH, "following::button[@class='expand'][1]").click()
        if picture.read:
            cell = f"//*[@role='gridcell'][normalize-space()='{picture.read}']"
            browser.find_element(By.XPATH, cell).click()
            browser.execute_async_script("setTimeout(arguments[0], 500)")
        else:
            browser.execute_script("arguments[0].scrollIntoView()", heading)
        browser.save_screenshot(str(FOLDER / name))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    runtime = Runtime(model="embedded", dtype="float32", progress=False)
    for file_name in PICTURES:
        take(file_name, runtime)
