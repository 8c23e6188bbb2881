// Measures what a first visit to the map loads: index.html, the entry and everything it imports
// statically, and their styles, gzip -9. Fails above the budget.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const FIRST_KB = 450;
const PAGE_KB = 120;
const TOTAL_MB = 6;

const gz = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
const html = readFileSync(join(dist, 'index.html'), 'utf8');
const first = new Set(['index.html']);
const queue = [...html.matchAll(/(?:src|href)="\/?([^"]+)"/g)].map((m) => m[1]);
while (queue.length) {
  const file = queue.pop();
  if (first.has(file)) continue;
  first.add(file);
  if (!file.endsWith('.js')) continue;
  const text = readFileSync(join(dist, file), 'utf8');
  // Static imports only: `import(` is a later page.
  for (const m of text.matchAll(/(?:^|[;}\n])(?:import|export)[^'"();]*?from["']\.\/([^"']+)["']|(?:^|[;}\n])import["']\.\/([^"']+)["']/g)) queue.push(`assets/${m[1] ?? m[2]}`);
}
const kb = (bytes) => (bytes / 1024).toFixed(1);
let sum = 0;
for (const file of first) {
  const size = gz(file);
  sum += size;
  console.log(`first  ${kb(size).padStart(7)} KB  ${file}`);
}
let failed = false;
let total = 0;
for (const name of readdirSync(join(dist, 'assets'))) {
  const file = `assets/${name}`;
  total += readFileSync(join(dist, file)).length;
  if (first.has(file)) continue;
  const size = gz(file);
  // The chart library is fetched only when somebody opens a year of hours.
  const chart = basename(name).startsWith('echarts');
  if (size > 2048) console.log(`later  ${kb(size).padStart(7)} KB  ${file}`);
  if (size > PAGE_KB * 1024 && !chart) {
    console.error(`a later part is above ${PAGE_KB} KB: ${file}`);
    failed = true;
  }
}
console.log(`first load ${kb(sum)} KB gzip (budget ${FIRST_KB}), whole dist ${(total / 1048576).toFixed(2)} MB (budget ${TOTAL_MB})`);
if (sum > FIRST_KB * 1024 || total > TOTAL_MB * 1048576) failed = true;
process.exit(failed ? 1 : 0);
