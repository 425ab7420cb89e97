"""Curves of bench_growth.py as an SVG: a row a curve, CPU on the left, memory on the right, the number on a logarithmic axis."""

import math

WIDTH, HEIGHT, LEFT, TOP, GAP = 360, 150, 60, 40, 90
MEASURES = (("cpu_s_per_million", "CPU s a million"), ("peak_mib", "MiB at most"))


def ceiling(value):
    """The next 1, 2 or 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(value)) if value > 0 else 1
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def short(n):
    return f"{n // 1_000_000}M" if n >= 1_000_000 else f"{n // 1000}k" if n >= 1000 else str(n)


def panel(points, measure, title, x0, y0):
    shown = [point for point in points if point["n"] > 0 or measure != "cpu_s_per_million"]
    place = [math.log10(max(point["n"], 1)) for point in shown]
    spread = max(place[-1] - place[0], 1e-9)
    top = ceiling(max(point[measure] for point in shown))
    dots = [(x0 + (at - place[0]) / spread * WIDTH, y0 + HEIGHT - point[measure] / top * HEIGHT, point) for at, point in zip(place, shown)]
    out = [f'<text x="{x0}" y="{y0 - 10}" font-weight="bold">{title}</text>',
           f'<path d="M{x0} {y0}V{y0 + HEIGHT}H{x0 + WIDTH}" fill="none" stroke="#888"/>',
           f'<text x="{x0 - 6}" y="{y0 + 4}" text-anchor="end">{top:g}</text>',
           f'<text x="{x0 - 6}" y="{y0 + HEIGHT + 4}" text-anchor="end">0</text>',
           '<polyline fill="none" stroke="#06c" stroke-width="2" points="' + " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in dots) + '"/>']
    for x, y, point in dots:
        out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#06c"/>')
        out.append(f'<text x="{x:.1f}" y="{y - 7:.1f}" text-anchor="middle" font-size="10">{point[measure]:g}</text>')
        out.append(f'<text x="{x:.1f}" y="{y0 + HEIGHT + 16}" text-anchor="middle">{short(point["n"])}</text>')
    return out


def svg(curves):
    width, height = 2 * (LEFT + WIDTH) + GAP, TOP + len(curves) * (HEIGHT + GAP)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
           f'<rect width="{width}" height="{height}" fill="#fff"/>']
    for row, (curve, points) in enumerate(curves.items()):
        for column, (measure, name) in enumerate(MEASURES):
            out += panel(points, measure, f"{curve}: {name}", LEFT + column * (WIDTH + LEFT), TOP + row * (HEIGHT + GAP))
    return "\n".join([*out, "</svg>", ""])
