import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { CronJson, Deployment } from "../../../embedded/functions/types.ts";
import { silentLog } from "../../../embedded/log.ts";
import { startCrons, type Crons } from "../../../embedded/scheduler/crons.ts";
import { buildApp, openApp, until, type App } from "../actions/openApp.ts";

const MINUTE_MS = 60_000;

let built: Deployment;
let removeDeployment: () => void;
beforeAll(async () => {
  [built, removeDeployment] = await buildApp();
});
afterAll(() => {
  removeDeployment();
});

let app: App;
let crons: Crons;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: Date.UTC(2026, 10, 20, 12) });
  app = openApp({ deployment: built, mode: "inProcess" });
});
afterEach(async () => {
  const ended = crons.close();
  await app.host.close();
  await ended;
  await app.close();
  vi.useRealTimers();
});

/** The app with other crons, in the app itself or in a component. */
function withCrons(specs: Record<string, CronJson>, component = ""): Deployment {
  const components = new Map(built.components);
  const bundle = components.get("") as NonNullable<ReturnType<typeof components.get>>;
  components.set(component, { ...bundle, path: component, crons: new Map(Object.entries(specs)) });
  return { ...built, components };
}

const everyMinutes = (minutes: number, name: string, args: object = {}): CronJson => ({
  name,
  args: [args as CronJson["args"][number]],
  schedule: { type: "interval", minutes },
});

function start(deployment: Deployment, options: { maxRuns?: number } = {}): Promise<Crons> {
  return startCrons(
    {
      ...options,
      engine: app.engine,
      findFunction: (address) => app.executor.resolve(address),
      runAction: (call) => app.host.run(call),
      log: silentLog,
    },
    deployment,
  );
}

async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await crons.whenIdle();
}

const texts = () => app.query("notes:texts");
const rows = (table: "_crons" | "_cron_logs") =>
  app.database.begin("query").system.query("", table, "by_name", []);

describe("[E9] crons", () => {
  test("[E9.10] an interval runs when it is deployed, and then on its beat", async () => {
    crons = await start(withCrons({ tick: everyMinutes(10, "notes:add", { text: "tick" }) }));
    await pass(0);
    expect(await texts()).toEqual(["tick"]);
    await pass(10 * MINUTE_MS - 1);
    expect(await texts()).toHaveLength(1);
    await pass(1);
    expect(await texts()).toHaveLength(2);
  });

  test("[E9.2] a mutation that fails is logged, wrote nothing, and runs again at its next time", async () => {
    crons = await start(withCrons({ fails: everyMinutes(1, "notes:refuse", { text: "no" }) }));
    await pass(0);
    await pass(MINUTE_MS);
    expect(await texts()).toEqual([]);
    expect(rows("_cron_logs").map(({ outcome }) => outcome)).toEqual([
      { kind: "failed", error: expect.stringContaining("REFUSED") as string },
      { kind: "failed", error: expect.stringContaining("REFUSED") as string },
    ]);
  });

  test("[E9.5] actions run, as nobody", async () => {
    const call = { kind: "mutation", name: "notes:addCaller", args: {} };
    crons = await start(withCrons({ act: everyMinutes(1, "isolated:call", call) }));
    await pass(0);
    expect(await texts()).toEqual(["nobody"]);
  });

  test("[E9.11] an action that is still running is not started beside itself; missed times are skipped", async () => {
    crons = await start(withCrons({ slow: everyMinutes(1, "isolated:sleep", { ms: 150_000 }) }));
    vi.advanceTimersByTime(0);
    await until(() => rows("_crons")[0]?.["runningSince"] !== null && vi.getTimerCount() > 0);
    vi.advanceTimersByTime(149_999);
    expect(rows("_cron_logs")).toEqual([]);
    await pass(1);
    expect(rows("_cron_logs")).toHaveLength(1);
    // Begun at 12:00, over at 12:02:30: next at 12:03.
    expect(rows("_crons")[0]).toMatchObject({ runningSince: null, next: Date.UTC(2026, 10, 20, 12, 3) });
  });

  test("[E20.5] where only so many may run at once, the others start when one has ended", async () => {
    const sleepers = ["a", "b", "c"].map((name) => [
      name,
      everyMinutes(60, "isolated:sleep", { ms: 150_000 }),
    ]);
    crons = await start(withCrons(Object.fromEntries(sleepers) as Record<string, CronJson>), { maxRuns: 2 });
    const running = () => rows("_crons").filter(({ runningSince }) => runningSince !== null).length;
    vi.advanceTimersByTime(0);
    await until(() => running() === 2 && vi.getTimerCount() >= 2);
    vi.advanceTimersByTime(150_000);
    await until(() => rows("_cron_logs").length === 2);
    vi.advanceTimersByTime(0);
    await until(() => running() === 1 && vi.getTimerCount() >= 2);
    await pass(150_000);
    expect(rows("_cron_logs")).toHaveLength(3);
  });

  test("[E9.11] what was missed while the server was down runs once", async () => {
    const deployment = withCrons({ tick: everyMinutes(1, "notes:add", { text: "tick" }) });
    crons = await start(deployment);
    await pass(0);
    await crons.close();
    vi.advanceTimersByTime(10 * MINUTE_MS + 30_000);
    crons = await start(deployment);
    await pass(0);
    expect(await texts()).toHaveLength(2);
    await pass(29_999);
    expect(await texts()).toHaveLength(2);
    await pass(1);
    expect(await texts()).toHaveLength(3);
  });

  test("[E9.3] an action that a restart cut off is failed and runs again at its next time", async () => {
    const deployment = withCrons({ slow: everyMinutes(1, "isolated:never") });
    const before = await start(deployment);
    vi.advanceTimersByTime(0);
    await until(() => rows("_crons")[0]?.["runningSince"] !== null);
    // The first process is never heard of again, as after `kill -9`.
    crons = await start(deployment);
    expect(rows("_cron_logs")).toMatchObject([{ outcome: { kind: "failed" } }]);
    expect(rows("_crons")[0]).toMatchObject({ runningSince: null, next: Date.now() + MINUTE_MS });
    void before.close();
  });

  test("[E9.12] a new deployment: removed crons go, changed ones begin anew, the others keep their time", async () => {
    const kept = everyMinutes(10, "notes:add", { text: "kept" });
    crons = await start(
      withCrons({
        kept,
        gone: everyMinutes(10, "notes:add", { text: "gone" }),
        changed: everyMinutes(10, "notes:add", { text: "old" }),
      }),
    );
    await pass(0);
    await pass(MINUTE_MS);
    await crons.replaceDeployment(
      withCrons({ kept, changed: everyMinutes(2, "notes:add", { text: "new" }) }),
    );
    expect(rows("_crons").map(({ name }) => name)).toEqual(["changed", "kept"]);
    expect(new Set(rows("_cron_logs").map(({ name }) => name))).toEqual(new Set(["changed", "kept"]));
    await pass(MINUTE_MS);
    expect(await texts()).toEqual(expect.arrayContaining(["kept", "gone", "old", "new"]));
    expect(await texts()).toHaveLength(4);
  });

  test("[E9.10] a schedule that cannot be refuses the deployment, and the old one stays", async () => {
    crons = await start(withCrons({ tick: everyMinutes(1, "notes:add", { text: "tick" }) }));
    const bad = withCrons({ bad: { name: "notes:add", args: [], schedule: { type: "cron", cron: "x" } } });
    await expect(crons.replaceDeployment(bad)).rejects.toThrow('Cron "bad": invalid cron expression "x"');
    await pass(0);
    expect(await texts()).toEqual(["tick"]);
  });

  test("[E13.1] a component's crons run its own functions on its own tables", async () => {
    const deployment = withCrons(
      { tick: everyMinutes(1, "notes:add", { text: "in the component" }) },
      "child",
    );
    app.executor.replaceDeployment(deployment);
    app.database.pushSchema(new Map([...deployment.components].map(([path, { schema }]) => [path, schema])));
    crons = await start(deployment);
    await pass(0);
    const call = { address: { component: "child", path: "notes:texts" }, args: {}, identity: null };
    const { result } = await app.engine.query({ ...call, visibility: "any" });
    expect(result).toEqual({ ok: true, value: ["in the component"] });
    expect(await texts()).toEqual([]);
  });

  test("[E9.13] the last five runs of each cron are kept", async () => {
    crons = await start(withCrons({ tick: everyMinutes(1, "notes:add", { text: "tick" }) }));
    await pass(0);
    for (let minute = 0; minute < 7; minute++) await pass(MINUTE_MS);
    expect(await texts()).toHaveLength(8);
    expect(rows("_cron_logs")).toHaveLength(5);
  });
});
