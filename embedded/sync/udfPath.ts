/**
 * The canonical form of a function's path as clients write it: `messages:list`, `messages.js:list`, `messages` for the
 * default export. Which functions exist is not asked here.
 */
export function canonicalPath(path: string): string {
  const separator = path.lastIndexOf(":");
  const module = separator === -1 ? path : path.slice(0, separator);
  const name = separator === -1 ? "default" : path.slice(separator + 1);
  return `${module.endsWith(".js") ? module.slice(0, -3) : module}:${name}`;
}
