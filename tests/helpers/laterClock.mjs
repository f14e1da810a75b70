// @ts-check
/** Loaded before a server (`node --import`), in each of its threads: its clock is ahead by `TEST_CLOCK_LATER_MS`, as if that time had passed. */
const laterMs = Number(process.env.TEST_CLOCK_LATER_MS);
const Real = Date;

globalThis.Date = /** @type {DateConstructor} */ (
  new Proxy(Real, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [target.now() + laterMs] : args, newTarget),
    apply: (target) => new target(target.now() + laterMs).toString(),
    get: (target, name) =>
      name === "now" ? () => target.now() + laterMs : /** @type {unknown} */ (Reflect.get(target, name)),
  })
);
