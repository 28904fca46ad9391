"""Nine-patches without their middle, for edges and shadows: what nobody can see is not filled.

On a software renderer every pixel that is blended costs about 10 ns, seen or not [M]: edges and shadows drawn with their
middles were half the price of a touch on the keypad.
"""

from kivy.graphics import Mesh
from kivy.graphics.texture import Texture

_INDICES = [4 * quad + corner for quad in range(8) for corner in (0, 1, 2, 0, 2, 3)]

_Span = tuple[float, float, float, float]
"""From and to in pixels, from and to in the texture."""


def _spans(start: float, length: float, origin: float, whole: float, texels: int, corner: int, band: int) -> list[_Span]:
    """Return along one axis: first corner, last corner, what lies between, and the bands at the first and the last end."""
    end, last, texel = start + length, origin + whole, whole / texels
    return [
        (start, start + corner, origin, origin + corner * texel),
        (end - corner, end, last - corner * texel, last),
        (start + corner, end - corner, origin + corner * texel, last - corner * texel),
        (start, start + band, origin, origin + band * texel),
        (end - band, end, last - band * texel, last),
    ]


def hollow_patch(texture: Texture, corner: int, band: int, left: float, bottom: float, width: float, height: float) -> None:
    """Draw the frame of a box into the canvas that is open: corners ``corner`` pixels square, sides ``band`` pixels thick."""
    (u, v), (u_all, v_all) = texture.uvpos, texture.uvsize
    x_first, x_last, x_between, x_left, x_right = _spans(left, width, u, u_all, texture.width, corner, band)
    y_first, y_last, y_between, y_below, y_above = _spans(bottom, height, v, v_all, texture.height, corner, band)
    quads = [(x, y) for x in (x_first, x_last) for y in (y_first, y_last)]
    quads += [(x_between, y_below), (x_between, y_above), (x_left, y_between), (x_right, y_between)]
    vertices: list[float] = []
    for (x0, x1, u0, u1), (y0, y1, v0, v1) in quads:
        vertices += (x0, y0, u0, v0, x1, y0, u1, v0, x1, y1, u1, v1, x0, y1, u0, v1)
    Mesh(vertices=vertices, indices=_INDICES, mode="triangles", texture=texture)
