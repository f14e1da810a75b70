/** Contexts of one component. A nested call needs a second one, because the first is in the middle of a run. */
import { FunctionContext, type ComponentScripts } from "./functionContext.ts";

export class ContextPool {
  private idle: FunctionContext[] = [];

  constructor(private readonly scripts: ComponentScripts) {}

  take(): FunctionContext {
    return this.idle.pop() ?? new FunctionContext(this.scripts);
  }

  /** Only for a context whose run ended by itself. One that was cut off, or still waits, is dropped. */
  give(context: FunctionContext): void {
    this.idle.push(context);
  }
}
