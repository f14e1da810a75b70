/** ms after which a download has surely begun, and its address is let go. */
const BEGUN_MS = 60_000;

/** Gives the reader a file, as their browser saves files. */
export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), BEGUN_MS);
}
