// What is wider than the window, or cut off, or scrolls where no key reaches: a sentence each.
() => {
  const width = document.documentElement.clientWidth;
  const found = [];
  const named = (element) => `${element.localName}${element.className ? "." + element.className : ""}`;
  // What is there for who listens, and the insides of a chart, which are stretched to their box.
  const isHidden = (element) => {
    if (element.closest(".skip, svg *") !== null) return true;
    for (let one = element; one; one = one.parentElement) if (getComputedStyle(one).clipPath !== "none") return true;
    return false;
  };
  const scrolls = (element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
  const scrollerOf = (element) => {
    for (let one = element; one && one !== document.body; one = one.parentElement) if (scrolls(one)) return one;
    return null;
  };
  const wide = document.scrollingElement.scrollWidth;
  if (wide > width) found.push(`the page is ${wide} wide, the window ${width}`);

  const look = (element, boxes, what) => {
    for (const box of boxes) {
      if (!box.width || !box.height || (box.left >= -0.5 && box.right <= width + 0.5)) continue;
      if (isHidden(element) || scrollerOf(element)) continue;
      found.push(`${what} reaches from ${Math.round(box.left)} to ${Math.round(box.right)}`);
      return;
    }
  };
  for (const element of document.body.querySelectorAll("*")) {
    look(element, [element.getBoundingClientRect()], named(element));
    const style = getComputedStyle(element);
    const overflows = element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0;
    // What is typed goes on within its field.
    if (!overflows || isHidden(element) || element.matches("input, textarea, select")) continue;
    if (scrolls(element) && element.tabIndex < 0) found.push(`${named(element)} scrolls, but not by keys`);
    if (scrolls(element) && element.tabIndex >= 0 && !element.matches("pre, textarea, input, [role][aria-label], [role][aria-labelledby]"))
      found.push(`${named(element)} scrolls and has no name`);
    if (["hidden", "clip"].includes(style.overflowX) && style.textOverflow !== "ellipsis" && style.display !== "inline")
      found.push(`${named(element)} is cut off`);
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (!text.data.trim() || !text.parentElement) continue;
    range.selectNodeContents(text);
    look(text.parentElement, range.getClientRects(), `“${text.data.trim().slice(0, 40)}”`);
  }
  return found.slice(0, 8);
};
