// The edition that a page shows, its layers and its fact dictionary, and the names of what they hold.
import { computed, watch, type Ref } from 'vue';
import { getEditions, getFacts, getZoneLayers, tileUrl } from '../api/zoning';
import type { EditionList, FactDictionary, ZoneLayer, ZoneLayers } from '../api/zoningTypes';
import { i18n, useLang } from '../i18n';
import type { ZoneTiles } from '../map/types';
import { useLoader } from '../state/loader';
import { visitor } from '../state/visitor';
import { withCoverage } from './coverage';

export const UNITS = 'units';
const UNITS_OPACITY = 0.7;
const RANK = { area: 0, line: 1, point: 2 };

interface Wanted { edition: string | null; asOf: string | null; layers: string[] | null; opacity: Record<string, number> }

export function useEdition(wanted: Ref<Wanted>) {
  const { pick } = useLang();
  const list = useLoader<EditionList>();
  const readList = () => void list.load(getEditions);
  // Who may see drafts sees other editions.
  watch(() => visitor.value.role, readList, { immediate: true });
  const items = computed(() => list.data.value?.items ?? []);
  /** Those that a screening can use. */
  const published = computed(() => items.value.filter((e) => e.state === 'published'));
  /** The edition of the address, else the one of the as-of day, else the current one. */
  const edition = computed(() => {
    const { edition: id, asOf } = wanted.value;
    const named = items.value.find((e) => e.id === id);
    const dated = asOf ? published.value.find((e) => e.from <= asOf && (!e.to || asOf < e.to)) : undefined;
    return named ?? dated ?? items.value.find((e) => e.id === list.data.value?.current) ?? published.value[0] ?? items.value[0] ?? null;
  });
  const id = computed(() => edition.value?.id ?? '');

  const layers = useLoader<ZoneLayers>();
  const dictionary = useLoader<FactDictionary>();
  const readLayers = () => id.value && void layers.load((signal) => getZoneLayers(id.value, signal));
  const readFacts = () => id.value && void dictionary.load((signal) => getFacts(id.value, signal));
  watch([id, () => visitor.value.role], () => {
    readLayers();
    readFacts();
  }, { immediate: true });

  const groups = computed(() => layers.data.value?.groups ?? []);
  const coverName = (title: string) => ({ zh: i18n.global.t('zoning.layers.coverOf', { title }, { locale: 'zh-CN' }), en: i18n.global.t('zoning.layers.coverOf', { title }, { locale: 'en' }) });
  const all = computed(() => withCoverage(groups.value.flatMap((g) => g.layers), coverName));
  const byKey = computed(() => new Map(all.value.map((l) => [l.key, l])));
  const on = computed(() => wanted.value.layers ?? [UNITS]);
  const shown = computed(() => all.value.filter((l) => on.value.includes(l.key)));
  const opacity = computed<Record<string, number>>(() => ({ [UNITS]: UNITS_OPACITY, ...wanted.value.opacity }));
  const unitsFirst = (a: ZoneLayer, b: ZoneLayer) => Number(b.key === UNITS) - Number(a.key === UNITS) || RANK[a.kind] - RANK[b.kind];
  const tiles = computed<ZoneTiles[]>(() =>
    [...shown.value].sort(unitsFirst).map((l) => ({
      key: l.key, url: tileUrl(id.value, l.key), kind: l.kind, opacity: opacity.value[l.key] ?? 1, paint: l.style,
      classes: Object.fromEntries((l.classes ?? []).map((c) => [c.class, { fill: c.fill, stroke: c.stroke, hatch: c.hatch ?? null }])),
    })),
  );

  const titleOf = (key: string) => pick(byKey.value.get(key), 'title') || key;
  const classOf = (c: string) => pick(byKey.value.get(UNITS)?.classes?.find((x) => x.class === c), 'name') || c;
  const facts = computed(() => new Map((dictionary.data.value?.groups ?? []).flatMap((g) => g.facts).map((f) => [f.name, f])));
  /** A fact, or a layer whose cover is missing, by what it is called. */
  function nameOf(name: string): string {
    const fact = facts.value.get(name) ?? facts.value.get(name.split('.')[0] ?? '');
    return pick(fact, 'question') || pick(byKey.value.get(name.replace(/^(layer|coverage)[:.]/, '')), 'title') || name;
  }
  return { list, readList, items, published, edition, id, layers, readLayers, dictionary, readFacts, groups, byKey, on, shown, opacity, tiles, titleOf, classOf, facts, nameOf };
}
