"""More of everything than any page has: elements, attributes, links, cells, scripts, and text that looks like dates."""

from __future__ import annotations

from benchmarks.shapes.article import TEXT, Shape, around, many, numbered

ELEMENTS: dict[str, Shape] = {
    "p without end": lambda size: around(below=many("<p>", size)),
    "br without end": lambda size: around(below=many("<br>", size)),
    "lines with br": lambda size: around(below="<p>" + many("a line of some text<br>", size)),
    "h2 without end": lambda size: around(below=numbered("<h2>Related story #</h2>", size)),
    "h1 without end": lambda size: around(above=many("<h1>The boats return</h1>", size)),
    "paragraphs without end": lambda size: around(
        text=TEXT + numbered("<p>Line # of a story which goes on and on, # words, said the mayor.</p>", size)
    ),
    "the same paragraph without end": lambda size: around(
        below=many("<p>All rights reserved, said the owner.</p>", size)
    ),
    "a flood of links": lambda size: around(
        below=numbered("<a href=/one-two-three-#>One two three four five #</a> ", size)
    ),
    "teasers without end": lambda size: around(
        below=numbered("<div><a href=/a-b-c-#><img src=#.jpg></a><p>A teaser of some words, #</p></div>", size)
    ),
    "one table of many cells": lambda size: around(
        text=f"{TEXT}<table>{many('<tr>' + '<td>a cell</td>' * 40 + '</tr>', size)}</table>"
    ),
    "images without end": lambda size: around(
        text=TEXT + numbered("<figure><img src=#.jpg><figcaption>A boat #</figcaption></figure>", size)
    ),
    "small comments": lambda size: around(text=many("<!---->", size) + TEXT),
    "empty spans": lambda size: around(above=many("<span></span>", size)),
    "bylines without end": lambda size: around(above=many("<span class=author>By Ann Lee</span>", size)),
    "times without end": lambda size: around(above=many("<time datetime=2024-05-03>3 May 2024</time>", size)),
    "authors as microdata": lambda size: around(
        above='<div itemscope itemtype="http://schema.org/NewsArticle">' + many("<i itemprop=author>", size)
    ),
    "hidden decoys": lambda size: around(
        above=many('<div style="display:none"><p>Some decoy, which nobody sees, said the mayor.</p></div>', size)
    ),
}

SOURCE: dict[str, Shape] = {
    "100,000 attributes": lambda size: around(above=f"<div {numbered('a#=1 ', min(size, 1_000_000))}></div>"),
    "one attribute name again and again": lambda size: around(above=f"<div {many('class=x ', size)}></div>"),
    "a giant attribute": lambda size: around(above=f"<div title='{many('word ', size)}'></div>"),
    "a giant class": lambda size: around(above=f"<div class='{many('related-', size)}'></div>"),
    "a giant address": lambda size: around(below=f"<a href='/{many('x', size)}'>A link of five words</a>"),
    "an unclosed attribute": lambda size: around(below=many('<a href="', size)),
    "an image as data": lambda size: around(
        text=f"{TEXT}<img src='data:image/png;base64,{many('iVBORw0KGgo', size)}'>"
    ),
    "a giant srcset": lambda size: around(text=f"{TEXT}<img srcset='{numbered('/boat-#.jpg #w, ', size)}'>"),
    "a giant script": lambda size: around(above="<script>" + many("var a = '<p>';", size) + "</script>"),
    "a giant style": lambda size: around(head="<style>" + many("p{color:red}", size) + "</style>"),
    "a giant comment": lambda size: around(above="<!--" + many("x ", size) + "-->"),
    "small scripts": lambda size: around(above=many("<script>a()</script>", size)),
    "less-than signs": lambda size: around(below=many("<", size)),
    "entities": lambda size: around(below="<p>" + many("&amp;&#x41;&nbsp;&bogus;&#xFFFFFFFF;", size)),
    "half an entity": lambda size: around(below="<p>" + many("&notinva", size)),
    "declarations": lambda size: around(below=many("<!doctype html><?xml?>", size)),
}
