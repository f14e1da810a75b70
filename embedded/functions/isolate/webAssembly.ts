/**
 * `WebAssembly` compiles on other threads, whose results come when a function that runs in one go has long ended. In
 * here it compiles at once; what asks for a promise gets one.
 */
export function installWebAssembly(global: Record<string, unknown>): void {
  const { Module, Instance } = WebAssembly;
  const {
    compileStreaming: _,
    instantiateStreaming: __,
    ...rest
  } = Object.getOwnPropertyDescriptors(WebAssembly) as Record<string, PropertyDescriptor>;
  const replacement = Object.create(Object.prototype, rest) as object;
  const define = (name: string, value: unknown): void => {
    Object.defineProperty(replacement, name, { value, configurable: true, writable: true });
  };
  define("compile", async (bytes: BufferSource) => new Module(bytes));
  define("instantiate", async (source: BufferSource | WebAssembly.Module, imports?: WebAssembly.Imports) => {
    if (source instanceof Module) return new Instance(source, imports);
    const module = new Module(source);
    return { module, instance: new Instance(module, imports) };
  });
  global["WebAssembly"] = replacement;
}
