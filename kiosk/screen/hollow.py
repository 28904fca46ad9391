"""Nine-patches without their middle, for edges and shadows: what nobody can see is not filled.

On a software renderer every pixel that is blended costs time, seen or not: edges and shadows drawn with their middles made a
touch on the keypad take more than twice as long [M].
"""

from kivy.graphics import Mesh
from kivy.graphics.texture import Texture

_QUADS = [(row, column) for row in range(3) for column in range(3) if (row, column) != (1, 1)]
_INDICES = [
    corner
    for row, column in _QUADS
    for first in (row * 4 + column,)
    for corner in (first, first + 1, first + 5, first, first + 5, first + 4)
]


def hollow_patch(texture: Texture, edge: int, left: float, bottom: float, width: float, height: float) -> None:
    """Draw the outer ``edge`` pixels of ``texture`` along the inside of a box, into the canvas that is open."""
    u, v = texture.uvpos
    u_all, v_all = texture.uvsize
    u_edge, v_edge = u_all * edge / texture.width, v_all * edge / texture.height
    columns = ((left, u), (left + edge, u + u_edge), (left + width - edge, u + u_all - u_edge), (left + width, u + u_all))
    top = bottom + height
    rows = ((bottom, v), (bottom + edge, v + v_edge), (top - edge, v + v_all - v_edge), (top, v + v_all))
    vertices = [number for y, row_v in rows for x, column_u in columns for number in (x, y, column_u, row_v)]
    Mesh(vertices=vertices, indices=_INDICES, mode="triangles", texture=texture)
