// Where the focus is: whether that is `target`, and why it could not be seen, if it could not.
(target) => {
  const channels = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).slice(0, 3).map((one) => {
      const part = one / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if ((channels(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const problemOf = (element) => {
    const boxes = [...element.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
    const seen = boxes.filter(
      (box) => box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
    );
    if (!seen.length) return "the focus is out of sight";
    const uncovered = seen.some((box) => {
      const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
      const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
      const hit = document.elementFromPoint(x, y);
      return hit && (element.contains(hit) || hit.contains(element));
    });
    if (!uncovered) return "the focus is covered";
    const style = getComputedStyle(element);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return "the focus is not marked";
    // The outline stands around the element, so on the ground of what is behind that.
    if (style.outlineStyle !== "auto" && contrast(style.outlineColor, ground(element.parentElement)) < 3)
      return "the mark of the focus is too faint";
    return "";
  };
  const active = document.activeElement;
  // An editor has its keys caught by something that nobody sees.
  const element = active && (active.closest(".CodeMirror") || active);
  const nowhere = !element || element === document.body || element === document.documentElement;
  const ours = document.querySelector('link[href^="/-/web/"], link[href^="/web/static/"]') !== null;
  return {
    there: target !== null && active === target,
    what: nowhere ? "" : element.outerHTML.slice(0, 120),
    // Within a frame it is for the page in there to say; `main` is where the way past the menu ends, and no control.
    problem: nowhere || element.localName === "iframe" || element.id === "main" || !ours ? "" : problemOf(element),
  };
};
