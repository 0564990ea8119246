"""Pages as a real browser shows them: nothing is cut off, at the width of a telephone and of a screen."""
import html.parser
import pathlib
import re
import shutil
import subprocess

WIDTHS = (320, 1280)

# What is wider than its place, or lies beside the page, is cut off; a picture's text is whole inside it.
PROBE = """<script>
let cut = 0, looked = 0;
for (const one of document.querySelectorAll("h1,h2,p,td,th,b,i,.card,.key,figcaption,svg,table,text")) {
  const box = one.getBoundingClientRect(), picture = one.ownerSVGElement, hidden = !box.width;
  const place = picture ? picture.getBoundingClientRect() : {left: 0, right: innerWidth};
  const isWide = !picture && one.scrollWidth > one.clientWidth + 2 && getComputedStyle(one).display != "inline";
  looked += hidden ? 0 : 1;
  if (!hidden && (box.right > place.right + 1 || box.left < place.left - 1 || isWide)) {
    cut++; console.log("CUT", one.tagName, one.textContent);
  }
}
console.log("LOOKED " + innerWidth + " AT " + (looked > 20 ? "MANY" : looked) + " CUT " + cut);
</script>"""


def find():
    """None: there is no browser, and that is said."""
    found = next((path for path in map(shutil.which, ("chromium", "chromium-browser")) if path), None)
    if found is None:
        print("no chromium: what a browser shows is not looked at")
    return found


def look(browser, page):
    """Screenshots beside the page, which is HTML or an SVG; asserts that all of it is to be read."""
    page = pathlib.Path(page)
    folder, text = page.parent, page.read_text(encoding="utf-8")
    if page.suffix == ".svg":
        text = f"<!doctype html><meta charset=utf-8><body style='margin:0'>{text.partition('?>')[2]}</body>"
    probed = folder / f"{page.stem}-probed.html"
    probed.write_text(text.replace("</body>", PROBE + "</body>"), encoding="utf-8")
    for width in WIDTHS:
        shot, frame = folder / f"{page.stem}-{width}.png", folder / f"{page.stem}-{width}.html"
        # a window has a least width of its own: the page is looked at in a frame that has just this one
        frame.write_text(f"<body style='margin:0'><iframe src='{probed.name}' width={width} height=4000 "
                         "style='border:0'></iframe>", encoding="utf-8")
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile",
             "--allow-file-access-from-files", f"--window-size={max(width, 500)},4000", f"--screenshot={shot}",
             "--enable-logging=stderr", "--virtual-time-budget=3000", frame.as_uri()],
            capture_output=True, timeout=120, check=False)
        told = done.stderr.decode(errors="replace")
        assert shot.stat().st_size > 10000, told
        # a frame that is longer than its window has a bar at its side
        wanted = [f"LOOKED {width - bar} AT MANY CUT 0" for bar in (0, 15)]
        assert any(one in told for one in wanted), (page.name, width, re.findall("(?:CUT|LOOKED).*", told))


class Nesting(html.parser.HTMLParser):
    """Every element that wants an end has it."""
    ALONE = {"meta", "rect"}

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in self.ALONE, tag

    def handle_endtag(self, tag):
        # a <rect> that has a title has an end, too
        assert tag in self.ALONE or self.open and self.open[-1] == tag, (self.open[-3:], tag)
        if tag not in self.ALONE:
            self.open.pop()


def stands_alone(text):
    """No script, nothing from elsewhere, every element ended."""
    assert "<script" not in text and "src=" not in text and "href" not in text and "url(" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", ""), text
    parser = Nesting()
    parser.feed(text)
    assert parser.open == [], parser.open
