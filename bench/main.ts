/**
 * `npm run bench`: every figure beside its peer, in one run. `--quick` takes a minute or two with smaller numbers;
 * `--only documents,answers` runs just those.
 */
import { parseArgs } from "node:util";
import { bundleServer } from "../scripts/build.mjs";
import { benchAnswers } from "./answers/answers.ts";
import { benchAttacks } from "./attacks.ts";
import { benchConflicts } from "./conflicts.ts";
import { benchDocuments } from "./documents.ts";
import { benchFanOut } from "./fanOut.ts";
import { benchHeavyTexts } from "./heavyTexts.ts";
import { benchManyStreams } from "./manyStreams/manyStreams.ts";
import { benchBurst } from "./manyStreams/burst.ts";
import { benchMemory } from "./manyStreams/memory.ts";
import { benchPage } from "./page.ts";
import { benchScrolling } from "./scrolling.ts";
import { benchSends } from "./sends.ts";
import { benchStarts } from "./starts.ts";
import { benchStops } from "./stops.ts";
import { benchStreaming } from "./streaming.ts";
import { benchTesting } from "./testing.ts";
import { benchVectors } from "./vectors.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    /** Of the attacks, just these. */
    attacks: { type: "string" },
  },
});
const { quick } = values;

const BENCHES: Readonly<Record<string, () => Promise<string>>> = {
  starts: () => benchStarts(),
  documents: () => benchDocuments(quick ? [100, 10_000] : [100, 10_000, 100_000]),
  fanOut: () => benchFanOut(quick ? 200 : 1000),
  manyStreams: () =>
    benchManyStreams(
      quick ? { counts: [32, 64], seconds: 5 } : { counts: [64, 128, 200, 256, 320, 384, 448], seconds: 15 },
    ),
  burst: () => benchBurst(quick ? [50] : [100, 500]),
  memory: () => benchMemory(quick ? [50, 200] : [50, 100, 250, 500, 750, 1000]),
  sends: () => benchSends(quick ? [10, 200] : [10, 10_000]),
  conflicts: () => benchConflicts(quick ? { seconds: 5, people: 50 } : { seconds: 60, people: 500 }),
  attacks: () =>
    benchAttacks({ seconds: quick ? 10 : 60, ...(values.attacks && { names: values.attacks.split(",") }) }),
  stops: () => benchStops(quick ? 20 : 100),
  testing: () => benchTesting(quick ? [1, 100, 1000] : [1, 10, 100, 1000, 5000]),
  vectors: () => benchVectors(quick ? 10_000 : 100_000),
  heavyTexts: () => benchHeavyTexts(),
  page: () =>
    benchPage(quick ? { chatSizes: [20, 400], answers: 20 } : { chatSizes: [20, 10_000], answers: 100 }),
  streaming: () => benchStreaming(quick ? 8_000 : 40_000),
  scrolling: () => benchScrolling(quick ? 1_000 : 10_000),
  answers: () => benchAnswers(quick ? [4000] : [4000, 40_000], quick ? [1] : [1, 10]),
};

const chosen = values.only?.split(",") ?? Object.keys(BENCHES);
await bundleServer("tests/helpers/backendMain.ts", "dist/test");
for (const name of chosen) {
  const bench = BENCHES[name];
  if (!bench)
    throw new Error(`There is no benchmark "${name}". There are: ${Object.keys(BENCHES).join(", ")}`);
  console.log(await bench());
}
