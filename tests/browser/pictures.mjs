// Takes a picture of every page at both sizes, for a person to look at. OUT names the folder.
import { mkdirSync } from 'node:fs';
import { demoCity, emptyCity, launch, onMock, openPage } from './browser.mjs';
import { becomeOfficer } from './office.mjs';

const out = process.env.OUT ?? '/tmp/yundang-pictures';
mkdirSync(out, { recursive: true });
const city = await demoCity();
const browser = await launch();
const T = process.env.AT ?? '2022-03-05T15:00';
// A site on the mock's made-up layers; SITE and FACTS name others for a real server.
const SITE = process.env.SITE ?? 'A.gqnphHwgp9uBg0PAAg3L_zPA';
const FACTS = process.env.FACTS ?? 'f.industry=C2641&f.kind=new&f.delta_voc_t=2.5';
const PAGES = {
  map: `/map?t=${T}`,
  card: `/map?t=${T}&st=1286A`,
  calendar: `/map?t=${T}&st=1286A&tab=calendar`,
  series: `/map?t=${T}&st=1286A&tab=series`,
  speciation: `/map?t=${T}&st=${process.env.SUPER ?? 'XM-S01'}&tab=speciation`,
  increment: `/map?t=${T}&st=${process.env.ROAD ?? 'XM-R01'}&tab=increment`,
  novalues: '/map?t=2018-05-05T07:00',
  year2018: '/map?t=2018-02-20T07:00&st=1287A&tab=series',
  table: `/map?t=${T}&view=table`,
  real: '/map?t=2018-02-20T07:00&st=1287A',
  zoning: '/zoning',
  'zoning-layers': '/zoning?layers=units,redline,water_source_2,no_burn_zone,park&p=1',
  'zoning-site': `/zoning?site=${SITE}&${FACTS}`,
  'zoning-why': `/zoning?site=${SITE}&${FACTS}&part=why`,
  'zoning-place': '/zoning?tab=place&pt=118.12,24.6',
  'zoning-compare': '/zoning?tab=compare',
  figures: '/figures?period=2022',
  figure: '/figures/F047?period=2022',
  evidence: '/figures/F004?period=2022',
  summary: '/summary?period=2022',
  norms: '/norms',
  start: '/start',
  help: '/help',
  missing: '/figures/F999?period=2022',
};
const only = process.argv.slice(2);
for (const size of ['desktop', 'phone']) {
  const { page, wrong, close } = await openPage(browser, city.url, size);
  for (const [name, path] of Object.entries(PAGES)) {
    if (only.length && !only.includes(name)) continue;
    const lang = process.env.LANG_EN ? `${path.includes('?') ? '&' : '?'}lang=en` : '';
    await page.goto(city.url + path + lang);
    await page.waitForLoadState('networkidle');
    await page.waitForTimeout(500);
    await page.screenshot({ path: `${out}/${size}-${name}.png`, fullPage: !/^\/(map|zoning)/.test(path) });
  }
  // What the office keeps; a real city would keep what these pictures need.
  if (onMock) {
    await page.goto(`${city.url}/help`);
    const id = await becomeOfficer(page);
    for (const [name, path] of Object.entries({ cases: '/zoning/cases', case: `/zoning?case=${id}`, follow_ups: '/zoning/follow-ups', objections: '/zoning/objections', accounts: '/accounts' })) {
      if (only.length && !only.includes(name)) continue;
      await page.goto(city.url + path + (process.env.LANG_EN ? `${path.includes('?') ? '&' : '?'}lang=en` : ''));
      await page.waitForLoadState('networkidle');
      await page.waitForTimeout(500);
      await page.screenshot({ path: `${out}/${size}-${name}.png` });
    }
  }
  if (wrong.length) console.log(size, wrong);
  await close();
}
if (!only.length || only.includes('empty')) {
  const empty = await emptyCity();
  const { page, close } = await openPage(browser, empty.url);
  for (const [name, path] of [['empty-start', '/start'], ['empty-map', '/map'], ['empty-figures', '/figures']]) {
    await page.goto(empty.url + path);
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: `${out}/desktop-${name}.png`, fullPage: path !== '/map' });
  }
  await close();
  empty.stop();
}
await browser.close();
city.stop();
