import interUrl from "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url";
import { withoutAddresses } from "./withoutAddresses.ts";

/** Mermaid's theme variables by the house's colours. */
const COLOURS = {
  background: "--paper",
  primaryColor: "--bubble",
  primaryTextColor: "--ink",
  primaryBorderColor: "--line-strong",
  secondaryColor: "--accent-soft",
  tertiaryColor: "--panel",
  lineColor: "--ink-soft",
  textColor: "--ink",
  noteBkgColor: "--warn-soft",
  noteTextColor: "--ink",
  noteBorderColor: "--line-strong",
  edgeLabelBackground: "--paper",
  errorBkgColor: "--danger-soft",
  errorTextColor: "--danger",
} as const;

const FONT = '"Inter Variable", system-ui, sans-serif';

/**
 * Draws a mermaid diagram in the page's light or dark colours, as a data URL for an `<img>`: there nothing in the SVG can run,
 * load, or style anything of the page. `id` is unique on the page. Rejects when the source is not a diagram.
 */
export async function drawDiagram(id: string, source: string, dark: boolean): Promise<string> {
  const [{ createMermaidPlugin }, fontFace] = await Promise.all([
    import("@streamdown/mermaid"),
    loadFontFace(),
  ]);
  const mermaid = createMermaidPlugin({
    config: {
      theme: "base",
      themeVariables: { ...pageColours(dark), darkMode: dark, fontFamily: FONT, fontSize: "15px" },
      fontFamily: FONT,
      htmlLabels: false,
    },
  }).getMermaid();
  const { svg } = await mermaid.render(id, withoutAddresses(source));
  const image = withOwnWidth(svg).replace("<style>", `<style>${fontFace}`);
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(image)}`;
}

/** As wide as it was laid out: Mermaid's `100%` would make a small diagram as wide as the page. */
const withOwnWidth = (svg: string): string => {
  const width = /viewBox="[-\d.]+ [-\d.]+ ([\d.]+) /.exec(svg)?.[1];
  return width === undefined ? svg : svg.replace('width="100%"', `width="${width}"`);
};

/** The tokens as `rgb(…)`: the browser resolves `light-dark()` only where a colour is used. */
function pageColours(dark: boolean): Record<string, string> {
  const probe = document.createElement("span");
  probe.style.colorScheme = dark ? "dark" : "light";
  document.body.append(probe);
  const colourOf = (token: string) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = Object.fromEntries(Object.entries(COLOURS).map(([name, token]) => [name, colourOf(token)]));
  probe.remove();
  return colours;
}

let fontFace: Promise<string> | undefined;

/** An image has no fonts but its own. Without ours the labels are in the system's. */
function loadFontFace(): Promise<string> {
  fontFace ??= (async () => {
    const bytes = new Uint8Array(await (await fetch(interUrl)).arrayBuffer());
    const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    return `@font-face{font-family:"Inter Variable";font-weight:100 900;src:url(data:font/woff2;base64,${base64})}`;
  })().catch(() => {
    fontFace = undefined;
    return "";
  });
  return fontFace;
}
