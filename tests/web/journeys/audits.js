// Questions to a page that are asked of every one.
({
  // Every part that can be unfolded, and of long lists only the beginning: what repeats is judged by its first.
  unfold: (most) => {
    for (const one of document.querySelectorAll("details")) one.open = true;
    for (const one of [...document.querySelectorAll("main, main *")]) {
      const seen = new Map();
      for (const child of [...one.children]) {
        const number = (seen.get(child.localName) || 0) + 1;
        seen.set(child.localName, number);
        if (number > most) child.remove();
      }
    }
  },
  // What axe finds, by all of its rules or by `only` some. What is in a frame is a captured page, not ours. Sizes of
  // targets (2.5.8) are only looked at when asked for.
  judge: async (only) => {
    const found = await axe.run(document, {
      iframes: false,
      resultTypes: ["violations"],
      reporter: "no-passes",
      rules: { "target-size": { enabled: true } },
      ...(only.length ? { runOnly: only } : {}),
    });
    const said = (node) => node.any.concat(node.all, node.none).map((one) => one.message).join("; ");
    return found.violations.map(
      ({ id, impact, nodes }) =>
        `${id} (${impact}): ` + nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${said(node)}`).join(" | ")
    );
  },
  // Levels of headings, in their order.
  headings: () =>
    [...document.querySelectorAll("h1, h2, h3, h4, h5, h6, [role=heading]")].map((one) =>
      Number(one.getAttribute("aria-level") || one.localName[1])
    ),
  // Lines and letters further apart, as a reader may set them (1.4.12).
  space: () => {
    for (const one of document.querySelectorAll("body, body *:not(svg, svg *)")) {
      one.style.setProperty("line-height", "1.5", "important");
      one.style.setProperty("letter-spacing", "0.12em", "important");
      one.style.setProperty("word-spacing", "0.16em", "important");
      if (one.localName === "p") one.style.setProperty("margin-bottom", "2em", "important");
    }
  },
  enlarge: () => {
    document.documentElement.style.fontSize = "200%";
  },
})
