import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files of half a minute. One that began last would have a single processor busy at the end. */
const LONGEST = [
  "tests/embedded/cli/commands.test.ts",
  "tests/convex/lifecycle.model.test.ts",
  "tests/embedded/package/package.test.ts",
  "tests/embedded/cli/snapshots.test.ts",
  "tests/faults/crash.test.ts",
  "tests/faults/waiting.test.ts",
];

/** The longest files begin first. By itself Vitest begins with the largest, where it has not seen any of them run. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rest = await super.sort(files);
    const isLong = ({ project, moduleId }: TestSpecification) =>
      LONGEST.includes(relative(project.config.root, moduleId));
    return [...rest.filter(isLong), ...rest.filter((file) => !isLong(file))];
  }
}
