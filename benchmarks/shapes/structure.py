"""Trees no author meant: tags inside each other without end, crossed, unclosed, and where they may not stand."""

from __future__ import annotations

from benchmarks.shapes.article import TEXT, Shape, around, many, numbered

NESTED: dict[str, Shape] = {
    "div in div": lambda size: around(above=many("<div>", size)),
    "span in span": lambda size: around(above=many("<span>", size)),
    "section with text in section": lambda size: around(below=many("<section>some words here", size)),
    "b in b": lambda size: around(above=many("<b>", size)),
    "font in font, each different": lambda size: around(above=numbered("<font size=#>", size)),
    "table in table": lambda size: around(above=many("<table><tr><td>", size)),
    "list in list": lambda size: around(below=many("<ul><li>item", size)),
    "quotation in quotation": lambda size: around(text=TEXT + many("<blockquote>", size)),
    "button in form": lambda size: around(above=many("<form><button>", size)),
    "svg in svg": lambda size: around(above=many("<svg><g>", size // 2) + many("</g></svg>", size // 2)),
    "math with text in math": lambda size: around(above=many("<math><mi>x<annotation-xml>", size)),
    "template in template": lambda size: around(above=many("<template>", size)),
    "object in object": lambda size: around(above=many("<object>", size)),
    "own tags in own tags": lambda size: around(above=numbered("<x-tag-#>", size)),
    "dd in dl": lambda size: around(below=many("<dl><dd>word", size)),
    "ruby in ruby": lambda size: around(below=many("<ruby><rt>word", size)),
    "article in article": lambda size: around(above=many("<article>", size)),
}

CROSSED: dict[str, Shape] = {
    "formatting crossed with paragraphs": lambda size: around(below=many("<a><b><i><p>word</a>", size)),
    "closing tags that nothing opened": lambda size: around(above=many("</p></br></b></div></table>", size)),
    "text between table rows": lambda size: around(below=many("<table>word<tr>word<b>", size)),
    "cells without a table": lambda size: around(above=many("<tr><td>", size)),
    "headings in headings": lambda size: around(below=many("<h2><p>words<h3>", size)),
    "unclosed tags": lambda size: around(above=many("<div><section><b><i><p>", size)),
    "html and body again and again": lambda size: around(below=numbered("<html a#=1><body b#=1>", size)),
    "select around the article": lambda size: around(above=f"<select>{many('<option>', size)}"),
    "textarea above, unclosed": lambda size: around(above="<textarea>", below=many("word ", size)),
    "title unclosed": lambda size: around(head="<title>", below=many("word ", size)),
    "comment below, unclosed": lambda size: around(below="<!--" + many("<p>word ", size)),
    "script below, unclosed": lambda size: around(below="<script><!--" + many("<script>x", size)),
    "plaintext below": lambda size: around(below="<plaintext>" + many("a <b> ", size)),
    "xmp above": lambda size: around(above="<xmp>" + many("<p>word", size) + "</xmp>"),
    "frameset above": lambda size: around(above="<frameset>" + many("<frame src=x>", size) + "</frameset>"),
    "article in noscript": lambda size: around(text=f"<noscript>{TEXT}</noscript>", below=many("<noscript>", size)),
    "article in one link": lambda size: around(text=f"<a href=/x>{TEXT}", below=many("<a href=/y>word</a>", size)),
    "article in svg": lambda size: around(text=f"<svg><foreignObject>{TEXT}</foreignObject></svg>{many('<g>', size)}"),
    "article in CDATA": lambda size: around(text=f"<![CDATA[{TEXT}]]>", below=many("<![CDATA[ x ]]>", size)),
}
