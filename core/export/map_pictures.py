"""The picture of a map, laid out once and drawn twice: as SVG and as PNG."""

import io
import textwrap
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.analysis.column import Column
from core.figures.map_colours import STEPS, Group, Scale, groups, mixed, scale, title
from core.figures.maps import in_words

__all__ = ["Picture", "as_png", "as_svg"]

WIDTH, HEIGHT = 960, 720
LEFT, TOP, SIDE_X, SIDE_Y = 56, 52, 680, 612  # the frame around the points
LEGEND = LEFT + SIDE_X + 24
PADDING = 14  # between the outermost points and the frame
LINE = 22  # from one line of the legend to the next
MOST = 20  # lines of a legend
LETTERS, HEADING = 26, 95  # that fit into a line of the legend, and into the title
CORNER = np.array([LEGEND + 60.0, TOP + SIDE_Y - 40.0])  # where the arrows of three axes begin
SMALL, TEXT, HEAD = 13, 14, 18
INK, PAPER, FRAME = "#1f2328", "#ffffff", "#d0d7de"
OPACITY = 0.85
SHARP = 2  # pixels for each unit of the picture
SMOOTH = 2  # and of those, each a mean over so many by so many
BAR, THICK = 240, 14  # how long the bar of colours is, and how wide
UPWARDS = (LEFT - 20, TOP + SIDE_Y / 2)  # the middle of the title of the axis that goes up
# A map of three dimensions is looked at from the front, a little from the right and from above.
TURN, TILT = np.radians(35), np.radians(22)
FONTS = ("DejaVuSans.ttf", "Arial.ttf", "Helvetica.ttc")


@dataclass(frozen=True, eq=False)
class Picture:
    """Where everything stands, in units of the SVG: ``at`` (n, 2), y down; ``radius`` of the dots; ``arrows``, the
    letter and the end of each axis of a map of three dimensions; ``head``, the lines above the legend.
    """

    at: np.ndarray
    radius: float
    groups: list[Group]
    scale: Scale | None
    axes: tuple[str, ...]
    arrows: list[tuple[str, np.ndarray]]
    title: str
    head: list[str]
    words: str

    @classmethod
    def of(cls, at: np.ndarray, column: Column, axes: tuple[str, ...], title_: str) -> "Picture":
        """The picture of a map ``at`` (n, 2 or 3)."""
        flat, arrows = at.astype(np.float64), []
        if at.shape[1] == 3:
            view = _view()
            flat = flat @ view
            arrows = [
                (letter, CORNER + 44 * step * [1, -1])
                for letter, step in zip("xyz", view, strict=True)
            ]
        return cls(
            _fitted(flat),
            float(np.clip(0.32 * np.sqrt(SIDE_X * SIDE_Y / max(len(at), 1)), 1.2, 4)),
            groups(column),
            scale(column),
            tuple(map(_short, axes)),
            arrows,
            _short(title_),
            textwrap.wrap(title(column), LETTERS, max_lines=3, placeholder="…"),
            in_words(at, column, axes),
        )

    @property
    def named(self) -> list[Group]:
        """The groups that the legend names, those without a value last: as many as there is room for."""
        return sorted((one for one in self.groups if one.name), key=lambda one: not one.known)[
            :MOST
        ]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The legend's lines below its bar of colours, if any: colour and text of each."""
        lines = [(g.colour, f"{_short(g.name, LETTERS)} ({len(g.rows):,})") for g in self.named]
        more = sum(bool(one.name) for one in self.groups) - len(lines)
        return lines + [(PAPER, f"and {more} more")] * (more > 0)

    @property
    def bar(self) -> float:
        """The upper end of the bar of colours."""
        return TOP + 12 + 16 * len(self.head)

    @property
    def first_line(self) -> float:
        """Where the first line of the legend stands."""
        return self.bar + (BAR + 26 if self.scale else 4)

    def texts(self) -> list[tuple[float, float, str, int, str]]:
        """All that is written, but for the axis that goes up: place, text, size, and what of it is there."""
        found = [(LEFT, TOP - 20, self.title, HEAD, "start")]
        below = TOP + SIDE_Y
        if self.arrows:
            for k, (axis, (letter, end)) in enumerate(zip(self.axes, self.arrows, strict=True)):
                found.append((LEFT, below + 18 + 15 * k, f"{letter}: {axis}", SMALL, "start"))
                x, y = CORNER + 1.3 * (end - CORNER)
                found.append((x, y + 4, letter, SMALL, "middle"))
        else:
            found.append((LEFT + SIDE_X / 2, below + 30, self.axes[0], TEXT, "middle"))
        for k, line in enumerate(self.head):
            found.append((LEGEND, TOP + 12 + 16 * k, line, SMALL, "start"))
        if self.scale:
            low, high = self.scale.ends
            found.append((LEGEND + 22, self.bar + 10, high, TEXT, "start"))
            found.append((LEGEND + 22, self.bar + BAR, low, TEXT, "start"))
        for k, (_, text) in enumerate(self.lines):
            found.append((LEGEND + 20, self.first_line + k * LINE + 5, text, TEXT, "start"))
        return [one for one in found if one[2]]


def as_svg(picture: Picture) -> bytes:
    """An SVG document of 960 × 720 units, a group of circles for each colour."""
    p = picture
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" font-family="system-ui, Helvetica, Arial, sans-serif" fill="{INK}">',
        f"<title>{escape(p.title or 'Map')}</title><desc>{escape(p.words)}</desc>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>',
        f'<rect x="{LEFT}" y="{TOP}" width="{SIDE_X}" height="{SIDE_Y}" fill="none" stroke="{FRAME}"/>',
    ]
    for group in p.groups:
        name = f" id={quoteattr(group.name)}" * bool(group.name)
        dots = "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{p.radius:.2g}"/>' for x, y in p.at[group.rows]
        )
        parts.append(f'<g{name} fill="{group.colour}" fill-opacity="{OPACITY}">{dots}</g>')
    if p.scale:
        stops = "".join(
            f'<stop offset="{k / (STEPS - 1):.3f}" stop-color="{mixed(1 - k / (STEPS - 1))}"/>'
            for k in range(STEPS)
        )
        parts.append(
            f'<linearGradient id="scale" x2="0" y2="1">{stops}</linearGradient>'
            f'<rect x="{LEGEND}" y="{p.bar}" width="{THICK}" height="{BAR}" fill="url(#scale)"/>'
        )
    for k, (colour, _) in enumerate(p.lines):
        y = p.first_line + k * LINE
        parts.append(f'<circle cx="{LEGEND + 6}" cy="{y}" r="6" fill="{colour}"/>')
    for _, (x, y) in p.arrows:
        start = f"M{CORNER[0]:g} {CORNER[1]:g}"
        parts.append(f'<path d="{start}L{x:.1f} {y:.1f}" stroke="{INK}"/>')
    parts += [_svg_text(*one) for one in p.texts()]
    if not p.arrows:
        turn = f' transform="rotate(-90 {UPWARDS[0]} {UPWARDS[1]})"'
        parts.append(_svg_text(*UPWARDS, p.axes[1], TEXT, "middle", turn))
    return "\n".join([*parts, "</svg>"]).encode()


def _svg_text(x: float, y: float, text: str, size: int, anchor: str, more: str = "") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}"{more}>'
        f"{escape(text)}</text>"
    )


def as_png(picture: Picture) -> bytes:
    """A PNG of 1920 × 1440 pixels."""
    p = picture
    image = _dots(p)
    draw = ImageDraw.Draw(image)
    frame = np.array([LEFT, TOP, LEFT + SIDE_X, TOP + SIDE_Y]) * SHARP
    draw.rectangle(frame.tolist(), outline=FRAME, width=SHARP)
    if p.scale:
        for row in range(BAR * SHARP):
            y = p.bar * SHARP + row
            colour = mixed(1 - row / (BAR * SHARP - 1))
            draw.line([LEGEND * SHARP, y, (LEGEND + THICK) * SHARP, y], colour)
    for _, end in p.arrows:
        draw.line([*(CORNER * SHARP), *(end * SHARP)], INK, SHARP)
    for x, y, text, size, anchor in p.texts():
        place = {"start": "ls", "middle": "ms"}[anchor]
        draw.text((x * SHARP, y * SHARP), text, INK, _font(size * SHARP), place)
    if not p.arrows:
        _upwards(image, p.axes[1])
    held = io.BytesIO()
    image.save(held, "PNG")
    return held.getvalue()


def _dots(p: Picture) -> Image.Image:
    """The points and the legend's dots on paper, smooth: drawn larger than wanted, the last row on top."""
    times = SHARP * SMOOTH
    image = Image.new("RGB", (WIDTH * times, HEIGHT * times), PAPER)
    draw = ImageDraw.Draw(image)
    colours = np.empty(len(p.at), object)
    for group in p.groups:
        colours[group.rows] = group.colour
    spots = [(*at, p.radius, colour) for at, colour in zip(p.at, colours, strict=True)]
    spots += [
        (LEGEND + 6, p.first_line + k * LINE, 6, colour) for k, (colour, _) in enumerate(p.lines)
    ]
    for x, y, radius, colour in spots:
        draw.circle((x * times, y * times), radius * times, colour)
    return image.reduce(SMOOTH)


def _upwards(image: Image.Image, text: str) -> None:
    """Write ``text`` from below to above beside the frame."""
    font = _font(TEXT * SHARP)
    long, high = round(font.getlength(text)) + 2, 2 * TEXT * SHARP
    strip = Image.new("RGB", (long, high), PAPER)
    ImageDraw.Draw(strip).text((1, high * 3 // 4), text, INK, font, "ls")
    x, y = UPWARDS[0] * SHARP, UPWARDS[1] * SHARP
    image.paste(strip.rotate(90, expand=True), (round(x - high * 3 / 4), round(y - long / 2)))


def _short(text: str, letters: int = HEADING) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """A common font with many signs, where the machine has one; else Pillow's own."""
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _fitted(flat: np.ndarray) -> np.ndarray:
    """Coordinates (n, 2), y up, into the frame, at equal scales and centred: (n, 2), y down."""
    low, high = flat.min(axis=0), flat.max(axis=0)
    room = np.array([SIDE_X, SIDE_Y]) - 2 * PADDING
    reach = (high - low) / room
    by = 1 / reach.max() if reach.max() > 0 else 1.0
    middle = np.array([LEFT + SIDE_X / 2, TOP + SIDE_Y / 2])
    return middle + (flat - (low + high) / 2) * by * [1, -1]


def _view() -> np.ndarray:
    """What takes (x, y, z), z up, to the plane that one looks at: (3, 2)."""
    across = [np.cos(TURN), np.sin(TURN), 0]
    up = [-np.sin(TURN) * np.sin(TILT), np.cos(TURN) * np.sin(TILT), np.cos(TILT)]
    return np.array([across, up]).T
