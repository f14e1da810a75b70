/** Texts and diagrams that try to run, to load, or to take over the page. */

/** What script would set on `window`, had it run. */
export const RUN = "hostileHasRun";

const JS = `window.${RUN}=1`;
const HOST = "https://evil.example";

/** Elements that load, with every way to name what they load. */
const LOADING = [
  `<img src="${HOST}/1.png">`,
  `<img src=x srcset="${HOST}/2.png 1x">`,
  `<picture><source srcset="${HOST}/3.png"><img src="${HOST}/4.png"></picture>`,
  `<picture><source srcset="${HOST}/5.png" media="all"></picture>`,
  `<video src="${HOST}/6.mp4" poster="${HOST}/7.png" autoplay><source src="${HOST}/8.mp4"><track src="${HOST}/9.vtt"></video>`,
  `<audio src="${HOST}/10.mp3" autoplay></audio>`,
  `<iframe src="${HOST}/11"></iframe><iframe srcdoc="<script>parent.${JS}</script>"></iframe>`,
  `<object data="${HOST}/12"></object><embed src="${HOST}/13">`,
  `<link rel=stylesheet href="${HOST}/14.css"><link rel=prefetch href="${HOST}/15"><link rel=dns-prefetch href="${HOST}">`,
  `<style>@import url(${HOST}/16.css); body{background:url(${HOST}/17.png)}</style>`,
  `<div style="background:url(${HOST}/18.png)">x</div>`,
  `<table background="${HOST}/19.png"><tr><td background="${HOST}/20.png">x</td></tr></table>`,
  `<input type=image src="${HOST}/21.png">`,
  `<svg><image href="${HOST}/22.png"/><use href="${HOST}/23.svg#a"/><feImage href="${HOST}/24.png"/></svg>`,
  `<math><mtext><img src="${HOST}/25.png"></mtext></math>`,
  `<meta http-equiv=refresh content="0;url=${HOST}/26"><base href="${HOST}/">`,
  `<a href="https://example.org" ping="${HOST}/27">ping</a>`,
  `![x](${HOST}/28.png) ![y][z]\n\n[z]: ${HOST}/29.png`,
  `[![x](${HOST}/30.png)](${HOST}/31)`,
  `<body background="${HOST}/32.png"><bgsound src="${HOST}/33.mid">`,
  `<template><img src="${HOST}/34.png"></template><noscript><img src="${HOST}/35.png"></noscript>`,
  `$\\includegraphics{${HOST}/36.png}$ and $\\href{${HOST}}{x}$ and $\\htmlStyle{background:url(${HOST}/37.png)}{x}$`,
];

/** Script in all the places where a browser has run some. */
const RUNNING = [
  `<script>${JS}</script><script src="${HOST}/s.js"></script><script type=module>${JS}</script>`,
  `<img src=x onerror="${JS}"><img/src=x/onerror=${JS}>`,
  `<svg onload="${JS}"><animate onbegin="${JS}" attributeName=x></svg><svg><script>${JS}</script></svg>`,
  `<details open ontoggle="${JS}"><summary>x</summary>y</details>`,
  `<a href="javascript:${JS}">a</a> <a href="java\tscript:${JS}">b</a> <a href="&#106;avascript:${JS}">c</a>`,
  `[a](javascript:${JS}) [b](<java\tscript:${JS}>) [c](JaVaScRiPt:${JS}) [d](data:text/html,<script>${JS}</script>)`,
  `[e](vbscript:x) [f](file:///etc/passwd) [g](blob:x) [h](/settings) [i](//evil.example) [j](streamdown:x)`,
  `<form action="javascript:${JS}"><button formaction="javascript:${JS}">x</button><input autofocus onfocus="${JS}"></form>`,
  `<body onload="${JS}"><marquee onstart="${JS}">x</marquee><video onloadstart="${JS}" src=x></video>`,
  `<math><mi//xlink:href="data:x,<script>${JS}</script>">`,
  `<noscript><p title="</noscript><img src=x onerror=${JS}>">`,
  `<style><img src="</style><img src=x onerror=${JS}//">`,
  `<svg></p><style><a id="</style><img src=1 onerror=${JS}>">`,
  `<form><math><mtext></form><form><mglyph><style></math><img src onerror=${JS}>`,
  `<!--><img src=x onerror=${JS}>--> <![CDATA[<img src=x onerror=${JS}>]]> <?xml <img src=x onerror=${JS}>?>`,
  `<xss style="animation-name:x" onanimationstart="${JS}">x</xss><x-y onclick="${JS}" tabindex=0>y</x-y>`,
  `<a href="#" onclick="${JS}" accesskey="k" tabindex="1">x</a><button onclick="${JS}">y</button>`,
  "```html\n<script>" + JS + "</script>\n```",
  `\`<script>${JS}</script>\` and \`\`<img src=x onerror=${JS}>\`\``,
  `| a |\n|---|\n| <img src=x onerror=${JS}> |`,
  `- <script>${JS}</script>\n- [x]: javascript:${JS}\n- [x]`,
  `> <iframe src="javascript:parent.${JS}"></iframe>`,
  `$\\href{javascript:${JS}}{x}$ and $$\\def\\a{\\a\\a}\\a$$`,
  `<p title='"><script>${JS}</script>'>x</p><p title="\`onmouseover=${JS}">y</p>`,
];

/** Names and places of the page's own. */
const TAKING_OVER = [
  '<p id="composer">x</p><p id="root">y</p><p id=__proto__>z</p>',
  '<a name="location">x</a><img name="cookie"><form name="forms"><input name="attributes"></form>',
  '<p id="user-content-x">x</p>\n\n[to it](#user-content-x) [to the composer](#composer)',
  '<label for="composer">x</label><output for="composer">y</output><td headers="composer">z</td>',
  '<div style="position:fixed;inset:0;z-index:9999;background:red">over the page</div>',
  '<div class="katex fixed inset-0">x</div><span class="sr-only" aria-live=assertive role=alert>y</span>',
  "# A heading with id {#composer}\n\nNoted[^composer].\n\n[^composer]: The note.",
  "<div contenteditable autofocus tabindex=0 draggable=true dir=rtl lang=x>x</div>",
  "<dialog open>x</dialog><div popover id=p>y</div><button popovertarget=p>z</button>",
  `<p aria-labelledby="composer" aria-describedby="root" aria-owns="composer">x</p>`,
];

export const HOSTILE_TEXTS: readonly string[] = [LOADING, RUNNING, TAKING_OVER]
  .map((texts) => texts.join("\n\n"))
  .concat(
    // Each kind once more by itself: one that opens an element swallows what follows it.
    ...[LOADING, RUNNING, TAKING_OVER].map((texts) => texts.filter((_, index) => index % 4 === 1)),
  );

export const HOSTILE_DIAGRAMS: readonly string[] = [
  'flowchart TD\n  A@{ img: "https://evil.example/a.png", label: "a", w: 60, h: 60 } --> B',
  'flowchart TD\n  A@{ img: "//evil.example/a.png" } --> B@{ img: "https:\\\\\\\\evil.example/b.png" }',
  "flowchart TD\n  A[\"<img src='https://evil.example/b.png' onerror='window.hostileHasRun=1'>\"] --> B",
  "flowchart TD\n  A --> B\n  style A fill:url(https://evil.example/c.svg)\n  style B background:url(//evil.example/d.png)",
  '%%{init: {"themeCSS": "@import url(https://evil.example/e.css); * { background: url(https://evil.example/f.png) }", "securityLevel": "loose", "htmlLabels": true}}%%\nflowchart TD\n  A["<b>x</b>"] --> B',
  'flowchart TD\n  A --> B\n  click A href "javascript:window.hostileHasRun=1"\n  click B call alert(1)',
  '%%{init: {"fontFamily": "x; } @import url(https://evil.example/g.css); * {", "theme": "base", "themeVariables": {"primaryColor": "red; background: url(https://evil.example/h.png)"}}}%%\nflowchart TD\n  A --> B',
  "sequenceDiagram\n  participant A\n  A->>B: <script>window.hostileHasRun=1</script>\n  link A: Here @ https://evil.example/i",
  'classDiagram\n  class A\n  click A href "https://evil.example/j" "tip"\n  A <|-- B',
];
