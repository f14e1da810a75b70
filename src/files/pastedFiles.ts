/** The files of a paste; none when it also is text, which some programs copy together with a picture of it. */
export function pastedFiles(data: Pick<DataTransfer, "files" | "types"> | null): File[] {
  if (data === null || data.types.includes("text/plain")) return [];
  return [...data.files];
}
