import convexPlugin from "@convex-dev/eslint-plugin";
import { defineConfig, globalIgnores } from "eslint/config";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** Forbids relative imports that match, and says why. */
const boundary = (...patterns) => ({
  "no-restricted-imports": ["error", { patterns }],
});

const FUNCTIONS_ALONE = {
  regex: "^(\\.\\./)+(src|embedded|tests|scripts|bench)(/|$)",
  message: "Functions are deployed to any Convex backend, so they know neither the page nor the backend.",
};

export default defineConfig(
  globalIgnores([
    "**/dist/",
    "coverage/",
    "bench/results/",
    "convex/_generated/",
    "**/_generated/",
    ".verbatim/",
  ]),
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
  },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: ["error", "always"],
      "no-console": "error",
      "no-constant-binary-expression": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true },
      ],
      // Numbers and booleans read well in messages; objects and undefined are still refused.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true, allowNever: true },
      ],
      "@typescript-eslint/no-deprecated": [
        "error",
        // Marked so that it stands out: providers on a private network may have no HTTPS.
        { allow: [{ from: "package", package: "oauth4webapi", name: "allowInsecureRequests" }] },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      // An interface's method may be asynchronous in one implementation and not in another.
      "@typescript-eslint/require-await": "off",
    },
  },
  {
    files: ["convex/**/*.ts"],
    plugins: { "@convex-dev": convexPlugin },
    rules: {
      ...Object.fromEntries(Object.keys(convexPlugin.rules).map((rule) => [`@convex-dev/${rule}`, "error"])),
      // One log line an event is how a deployment is watched; Convex collects what functions print.
      "no-console": "off",
      // Names are read where they are used; Convex's own packages and documents read `process.env` as well.
      "@convex-dev/no-process-env": "off",
      ...boundary(FUNCTIONS_ALONE),
    },
  },
  {
    files: ["convex/**/*.ts"],
    ignores: ["convex/auth.ts"],
    rules: boundary(FUNCTIONS_ALONE, {
      regex: "^@convex-dev/auth/server$",
      message:
        "It comes whole, and each push would bundle it for Node.js too. Whom a token names is in convex/model/sessions/namedByToken.ts.",
    }),
  },
  {
    // Modules for Node that import modules for Node. The rule does not look at the importing one; the build does. [E18]
    files: ["convex/generate.ts", "convex/mcpSignIn.ts", "convex/model/tools/{mcp,web}/*.ts"],
    rules: { "@convex-dev/import-wrong-runtime": "off" },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    extends: [reactHooks.configs.flat["recommended-latest"]],
    rules: boundary(
      {
        regex: "^(\\.\\./)+convex/(?!(_generated|shared)/)",
        message:
          "The page knows functions by their generated API and shared pure code only: anything else would ship server code to browsers.",
      },
      {
        regex: "^(\\.\\./)+(embedded|tests|scripts|bench)(/|$)",
        message: "The page talks to a backend by Convex's protocol only, so that it works with each of them.",
      },
    ),
  },
  {
    files: ["embedded/**/*.ts"],
    rules: {
      ...boundary({
        regex: "^(\\.\\./)+(convex|src|tests|scripts|bench)(/|$)",
        message:
          "The embedded backend stands alone: it runs any app's functions, so it imports nothing of this one.",
      }),
    },
  },
  {
    files: ["tests/**/*.{ts,tsx}", "bench/**/*.{ts,tsx}"],
    rules: {
      // A test that meets an unexpected null should throw there.
      "@typescript-eslint/no-non-null-assertion": "off",
      // `expect(object.method)` is how mocks are looked at.
      "@typescript-eslint/unbound-method": "off",
      // What a server sent is looked at as it came.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
    },
  },
  {
    // Apps for the backend to run, without generated types: their contexts know no tables.
    files: [
      "tests/**/fixtures/**/*.ts",
      "tests/embedded/actions/app/**/*.ts",
      "bench/{peers,fixtures}/**/*.ts",
    ],
    rules: {
      "no-console": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/restrict-plus-operands": "off",
      "@typescript-eslint/no-explicit-any": "off",
    },
  },
  {
    files: ["scripts/**/*.{ts,mjs}", "bench/**/*.ts"],
    rules: { "no-console": "off" },
  },
);
