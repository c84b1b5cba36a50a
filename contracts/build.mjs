// Compiles the contracts into artifacts/*.json. With --check it writes nothing, and fails when a committed artifact
// is not what these sources and this compiler give: the bytecode decides the address of every deposit.
import { readFileSync, readdirSync, mkdirSync, writeFileSync, existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";

const ROOT = dirname(fileURLToPath(import.meta.url));
const ARTIFACTS = join(ROOT, "artifacts");
const FOLDERS = ["src", "test-tokens"];
const COMPILER = "0.8.37+commit.";

const SETTINGS = {
  optimizer: { enabled: true, runs: 1000 },
  // The oldest target still of use, so that the same bytecode runs on every chain.
  evmVersion: "paris",
  // The metadata hash would make the address depend on comments and paths.
  metadata: { bytecodeHash: "none" },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
};

function sources() {
  const files = FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`));
  return Object.fromEntries(
    files
      .filter((file) => file.endsWith(".sol"))
      .sort()
      .map((file) => [file, { content: readFileSync(join(ROOT, file), "utf8") }]),
  );
}

function importFile(path) {
  const file = path.startsWith("@") ? join(ROOT, "node_modules", path) : join(ROOT, path);
  return existsSync(file) ? { contents: readFileSync(file, "utf8") } : { error: `no file ${path}` };
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function compile() {
  if (!solc.version().startsWith(COMPILER)) throw new Error(`compiler is ${solc.version()}, wanted ${COMPILER}`);
  const input = { language: "Solidity", sources: sources(), settings: SETTINGS };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: importFile }));
  if (output.errors?.length) throw new Error(output.errors.map((error) => error.formattedMessage).join("\n"));

  const artifacts = new Map();
  for (const [file, contracts] of Object.entries(output.contracts)) {
    for (const [name, contract] of Object.entries(contracts)) {
      const bytecode = contract.evm.bytecode.object;
      if (!(file in input.sources) || bytecode === "") continue;
      const artifact = { contract: `${file}:${name}`, compiler: solc.version(), abi: sorted(contract.abi), bytecode: `0x${bytecode}` };
      artifacts.set(`${name}.json`, `${JSON.stringify(artifact, null, 2)}\n`);
    }
  }
  return artifacts;
}

function committed() {
  const names = existsSync(ARTIFACTS) ? readdirSync(ARTIFACTS) : [];
  return new Map(names.map((name) => [name, readFileSync(join(ARTIFACTS, name), "utf8")]));
}

const wanted = compile();
const found = committed();
if (process.argv.includes("--check")) {
  const names = new Set([...wanted.keys(), ...found.keys()]);
  const different = [...names].sort().filter((name) => wanted.get(name) !== found.get(name));
  for (const name of different) console.error(`artifacts/${name} is not what the sources compile to`);
  if (different.length > 0) process.exit(1);
  console.log(`${wanted.size} artifacts are what the sources compile to`);
} else {
  mkdirSync(ARTIFACTS, { recursive: true });
  for (const name of found.keys()) if (!wanted.has(name)) rmSync(join(ARTIFACTS, name));
  for (const [name, text] of wanted) writeFileSync(join(ARTIFACTS, name), text);
  console.log(`wrote ${wanted.size} artifacts`);
}
