// Run in the page by test_page.py: every text with too little contrast against what is behind it (WCAG 2.2, 1.4.3).
(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const part = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const color = rgba(getComputedStyle(node).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const found = { texts: 0, low: [] };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || !node.getClientRects().length) continue;
    found.texts++;
    const ratio = contrast(rgba(getComputedStyle(node).color), behind(node));
    if (ratio < 4.5) found.low.push(`${texts.currentNode.textContent.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  for (const shape of document.querySelectorAll("svg path.line, svg polyline")) {  // 1.4.11: 3 for graphics
    const ratio = contrast(rgba(getComputedStyle(shape).stroke), behind(shape.closest("section")));
    if (ratio < 3) found.low.push(`a line in ${shape.closest("section").className}: ${ratio.toFixed(2)}`);
  }
  return found;
})()
