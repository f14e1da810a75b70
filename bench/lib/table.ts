/** A table as Markdown with aligned columns, to be read in a terminal and pasted into a note. */
export function formatTable(
  title: string,
  headers: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = headers.map((header, column) =>
    Math.max(header.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [`\n## ${title}\n`, line(headers), rule, ...rows.map(line), ""].join("\n");
}

export const formatMs = (ms: number): string => `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`;
export const formatKb = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
export const formatMb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
/** How many times `value` is of `base`: `1.00×` is the same. */
export const formatRatio = (value: number, base: number): string => `${(value / base).toFixed(2)}×`;
