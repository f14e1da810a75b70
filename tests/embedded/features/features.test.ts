/** The README's table of features: each of its cells, tried. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { serve } from "../served/backend.ts";
import { openConvexTest, openEmbedded } from "./engines.ts";
import { FEATURES } from "./features.ts";
import type { Feature } from "./features.ts";

const TESTS = path.join(import.meta.dirname, "..");
const README = path.join(TESTS, "../../embedded/README.md");
const DOCS = "https://docs.convex.dev/";
/** What a call of this file's probes is linked by. */
const THIS_FILE = "features/features.test.ts";

const probes = FEATURES.flatMap(({ proof, ...feature }) =>
  proof.kind === "probe" ? [{ ...feature, ...proof }] : [],
);

describe("[E22.7] this backend", () => {
  for (const { name, here, probe, mode } of probes) {
    test(`${name}: ${here}`, async () => {
      const probed = probe(openEmbedded(mode));
      await (here === "no" ? expect(probed).rejects.toThrow("not supported") : probed);
    });
  }
});

describe("[E22.7] convex-test", () => {
  for (const { name, convexTest, probe } of probes) {
    test(`${name}: ${convexTest}`, async () => {
      if (convexTest !== "no") await probe(openConvexTest({ transactionLimits: convexTest === "option" }));
      if (convexTest !== "yes") {
        const probed = probe(openConvexTest({ transactionLimits: convexTest === "no" }));
        // It did something else, rather than that the probe could not be made.
        await expect(probed).rejects.toHaveProperty("name", "AssertionError");
      }
    });
  }

  test("it has no server and no data that outlives it: this is all that it can be asked", () => {
    expect(Object.keys(openConvexTest({ transactionLimits: false })).sort()).toEqual([
      ...["action", "actionFromPath", "fetch", "finishAllScheduledFunctions"],
      ...[
        "finishInProgressScheduledFunctions",
        "fun",
        "mutation",
        "mutationFromPath",
        "query",
        "queryFromPath",
      ],
      ...["registerComponent", "run", "runAction", "runInComponent", "runMutation", "runQuery"],
      ...["snapshotQueryFromPath", "withIdentity", "withRequestMetadata"],
    ]);
  });
});

/** An administrator is told by name what there is not. */
async function isRefused(method: string, route: string): Promise<void> {
  const backend = await serve();
  const response = await fetch(`${backend.url}${route}`, {
    method,
    headers: { authorization: `Convex ${backend.adminKey}` },
  });
  expect(response.status).toBe(400);
  const { message } = (await response.json()) as { message: string };
  expect(message).toContain(`The embedded backend has no ${method} ${route}`);
}

test("[E22.7] streaming export is refused by name", () => isRefused("GET", "/api/list_snapshot"));
test("[E22.7] log streams are refused by name", () => isRefused("POST", "/api/v1/create_log_stream"));
test("[E22.7] the dashboard's calls are refused by name", () => isRefused("GET", "/api/shapes2"));

describe("[E22.7] the README's table", () => {
  const rows = readFileSync(README, "utf8")
    .split("\n")
    .filter((line) => line.includes(DOCS))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

  test("says what is tried", () => {
    expect(rows).toEqual(FEATURES.map(rowOf));
  });

  test("links to tests that there are", () => {
    for (const { name, proof } of FEATURES) {
      if (proof.kind === "probe") continue;
      const file = path.join(TESTS, proof.file);
      expect(existsSync(file), name).toBe(true);
      // As a title, not in a comment.
      expect(readFileSync(file, "utf8"), name).toContain(JSON.stringify(proof.title).slice(1, -1));
    }
  });
});

function rowOf({ name, docs, convexTest, here, proof }: Feature): string[] {
  const link = (answer: string, file: string): string => `[${answer}](../tests/embedded/${file})`;
  return [
    name,
    `[yes](${DOCS}${docs})`,
    link(convexTest, THIS_FILE),
    link(here, proof.kind === "probe" ? THIS_FILE : proof.file),
  ];
}
