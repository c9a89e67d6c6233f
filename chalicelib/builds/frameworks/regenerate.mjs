// Makes vercel.json again from an installed @vercel/frameworks (Apache-2.0, see vercel.LICENSE).
//
//   npm install --no-save @vercel/frameworks@3.34.0
//   node chalicelib/builds/frameworks/regenerate.mjs
//
// Only what detection and planning read is kept: no logos, demos, marketing lines or JavaScript functions.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(process.argv[2] ?? `${process.cwd()}/`);
const { frameworkList } = require('@vercel/frameworks');
const main = require.resolve('@vercel/frameworks');
const { version } = JSON.parse(readFileSync(new URL('../package.json', `file://${main}`)));

const KEPT = ['name', 'website', 'detectors', 'supersedes', 'cachePattern', 'envPrefix'];
const setting = (s) => (s?.value === undefined ? null : s.value);

const frameworks = frameworkList
  .filter((f) => f.slug)
  .map((f) => {
    const kept = { slug: f.slug };
    for (const key of KEPT) if (f[key] !== undefined) kept[key] = f[key];
    if (f.runtimeFramework) kept.runtime = true;
    if (f.detectionConfidence === 'weak') kept.weak = true;
    if (f.settings.buildCommand.ignorePackageJsonScript) kept.ignoreScript = true;
    kept.settings = {
      install: setting(f.settings.installCommand),
      build: setting(f.settings.buildCommand),
      output: setting(f.settings.outputDirectory),
    };
    return kept;
  });

const lines = frameworks.map((f) => `  ${JSON.stringify(f)}`).join(',\n');
writeFileSync(
  new URL('vercel.json', import.meta.url),
  `{"source": "@vercel/frameworks", "version": "${version}", "frameworks": [\n${lines}\n]}\n`,
);
console.log(`${frameworks.length} frameworks of ${version}`);
