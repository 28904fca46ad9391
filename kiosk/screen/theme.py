"""Tokens of the look: colours with their computed contrast, type sizes, spaces; all lengths in units (short side / 1080)."""

Colour = tuple[float, float, float, float]
"""Red, green, blue, opacity, each 0 to 1."""

DESIGN_WIDTH = 1080
DESIGN_HEIGHT = 1920


def colour(web: str, opacity: float = 1.0) -> Colour:
    """Return ``#RRGGBB`` as Kivy wants it."""
    return (int(web[1:3], 16) / 255, int(web[3:5], 16) / 255, int(web[5:7], 16) / 255, opacity)


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """Return the opaque colour that ``share`` of ``a`` over ``b`` gives."""
    red, green, blue = (x * share + y * (1 - share) for x, y in zip(a[:3], b[:3], strict=True))
    return (red, green, blue, 1.0)


BG = colour("#F5F7FA")
SURFACE = colour("#FFFFFF")
WHITE = SURFACE
INK = colour("#14202E")
"""15.3:1 on BG, 16.5:1 on SURFACE."""
INK2 = colour("#4A5A6A")
"""6.6:1 on BG, 7.1:1 on SURFACE."""
BRAND = colour("#0B5FB0")
"""White on it 6.4:1; on BG 6.0:1."""
CTA = colour("#B8430A")
"""White on it 5.5:1; on BG 5.1:1."""
OK = colour("#0E7A45")
WARN = colour("#8A5A00")
DANGER = colour("#B3261E")
LINE = colour("#7C8A98")
"""Edges of controls: 3.5:1 on SURFACE, 3.3:1 on BG."""
DISABLED = colour("#C9D1D9")
"""1.5:1 on SURFACE: always paired with a lock mark and text."""

HAIRLINE = mix(LINE, SURFACE, 0.28)
"""Edges of cards that are no controls."""
BRAND_TINT = mix(BRAND, SURFACE, 0.09)
OK_TINT = mix(OK, SURFACE, 0.10)
WARN_TINT = mix(colour("#F5A400"), SURFACE, 0.14)
DANGER_TINT = mix(DANGER, SURFACE, 0.09)
BRAND_DEEP = mix(BRAND, INK, 0.62)

DISPLAY, KEY, H1, H2, BODY, LABEL, SMALL = 96, 76, 60, 48, 36, 32, 28
"""Type sizes; nothing is ever smaller than SMALL."""

TYPE_SCALE = (28, 32, 36, 40, 44, 48, 54, 60, 76, 96, 112)
"""The only sizes that letters are drawn in: of a face with all of CJK each size keeps 2.6 MB and takes 10 ms to open [M]."""

XS, S, M, L, XL = 8, 16, 24, 40, 64
"""Spaces."""

MARGIN = 48
CONTENT_WIDTH = DESIGN_WIDTH - 2 * MARGIN
RADIUS = 24
TOUCH = 112
"""Smallest side of anything to touch: 20 mm on panels of 15.6 to 27 inches."""
NAV_HEIGHT = 150
NAV_TOP = DESIGN_HEIGHT - MARGIN - NAV_HEIGHT
CONTENT_TOP = 284
CONTENT_BOTTOM = NAV_TOP - M - L
"""Where content ends above the navigation bar."""
