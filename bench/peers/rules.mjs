// One path asked of many patterns, one after another; the median of 300 requests in microseconds.
import { readFileSync } from 'node:fs';
import { pathToRegexp } from 'path-to-regexp';

const { patterns, path } = JSON.parse(readFileSync(0, 'utf8'));
const made = patterns.map((pattern) => pathToRegexp(pattern, [], { strict: true, sensitive: true }));
const took = [];
for (let round = 0; round < 400; round += 1) {
  const start = process.hrtime.bigint();
  made.find((one) => one.exec(path));
  if (round >= 100) took.push(Number(process.hrtime.bigint() - start) / 1000);
}
took.sort((a, b) => a - b);
console.log(JSON.stringify({ median_us: took[took.length / 2] }));
