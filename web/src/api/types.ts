// The shapes of the HTTP API, written by hand from its description.
// Times are RFC 3339 with +08:00 and name the END of the averaging hour.

export type StationKind = 'national' | 'city' | 'roadside' | 'super';
export type Criterion = 'SO2' | 'NO2' | 'PM10' | 'PM2_5' | 'CO' | 'O3';
export type Confidence = 'verified' | 'memory' | string;
export type Direction = 'up' | 'down' | 'flat' | null;

export interface Meta {
  product: string;
  version: string;
  city: { code: string; id: string; name_zh: string; name_en: string; bureau_zh: string; bureau_en: string };
  kind: 'demo' | 'real';
  synthetic: boolean;
  notice_zh: string | null;
  notice_en: string | null;
  norms_hash: string;
  /** `marks`: hours worth jumping to, for example the few real ones of the early years. */
  time: { first: string | null; last: string | null; default: string | null; marks?: { time: string; name_zh: string; name_en: string }[] };
  years: number[];
  counts: { stations: number; observations: number };
  user: Visitor;
}
export type Right = 'import' | 'cases' | 'judge' | 'objections' | 'editions' | 'accounts';
export type AccountRole = 'officer' | 'editor' | 'administrator';
export interface Who { login: string; display_name: string; roles: AccountRole[] }
/** Who is looking, and which doors stand open to them. */
export interface Visitor { role: 'public' | 'operator' | 'account'; who?: Who | null; may?: Right[] }
export interface Account {
  id: string; login: string; display_name: string; district: string | null; roles: AccountRole[]; disabled: boolean; must_change: boolean; created_at: string;
}
export interface NewAccount { login: string; display_name: string; district: string | null; roles: AccountRole[]; password: string }

export interface LegendItem {
  level: number;
  category: string;
  category_en: string;
  aqi_from: number;
  aqi_to: number;
  color: string;
}
export interface Legend {
  items: LegendItem[];
  source: string;
  confidence: Confidence;
  pollutants: { parameter: string; name_zh: string; name_en: string; unit: string; decimals: number; breakpoints: number[] }[];
}

export interface LayerEntry { id: string; name_zh: string; name_en: string; count: number; kind: string; on: boolean }
export interface LayerGroup { id: string; name_zh: string; name_en: string; layers: LayerEntry[] }

export interface BaseMap {
  type: 'FeatureCollection';
  note_zh: string;
  note_en: string;
  features: {
    type: 'Feature';
    properties: { role: string; name_zh?: string; name_en?: string; code?: string };
    geometry: { type: string; coordinates: unknown };
  }[];
}

export interface StationNow {
  station: string;
  name_zh: string;
  name_en: string;
  kind: StationKind;
  district: string | null;
  evaluated: boolean;
  source: string;
  simulated: boolean;
  time: string;
  edition: string | null;
  aqi: number | null;
  aqi_available: number | null;
  category: string | null;
  level: number | null;
  primary: string[];
  values: Partial<Record<Criterion, number | null>>;
  missing: string[];
}
export interface StationFeature {
  type: 'Feature';
  geometry: { type: 'Point'; coordinates: [number, number] } | null;
  properties: StationNow;
}
export interface StationsAt { type: 'FeatureCollection'; synthetic?: boolean; features: StationFeature[] }

export interface Frames {
  times: string[];
  stations: string[];
  level: (number | null)[][];
  value: (number | null)[][];
  synthetic?: boolean;
}

export interface StationHit {
  station: string;
  name_zh: string;
  name_en: string;
  kind: StationKind;
  district: string | null;
  lon: number | null;
  lat: number | null;
  simulated: boolean;
}

export interface CardValue {
  parameter: string;
  name_zh: string;
  name_en: string;
  unit: string;
  value: number | null;
  iaqi: number | null;
  level: number | null;
}
export interface DayJudgement {
  date: string;
  aqi: number | null;
  category: string | null;
  level: number | null;
  primary: string[];
  valid?: boolean;
  values?: Record<string, number | null>;
}
export interface SpeciationGroup {
  id: string;
  name_zh: string;
  name_en: string;
  unit: string;
  total: number | null;
  items: { parameter: string; name_zh: string; name_en: string; value: number | null }[];
}
export interface Card {
  station: StationHit & { evaluated?: boolean; from?: string; to?: string | null; source?: string; medium?: string; city?: string };
  time: string;
  edition: string | null;
  aqi: number | null;
  category: string | null;
  level: number | null;
  color: string | null;
  primary: string[];
  aqi_available: number | null;
  category_available: string | null;
  missing: string[];
  values: CardValue[];
  coverage: { present: number; expected: number };
  trend: { time: string; aqi: number | null; level: number | null }[];
  day: DayJudgement | null;
  speciation: { time: string; groups: SpeciationGroup[] } | null;
  increment: {
    background: string[];
    items: { parameter: string; name_zh: string; name_en?: string; unit?: string; value: number | null; background: number | null; increment: number | null }[];
    traffic: { value: number | null; unit: string } | null;
  } | null;
  synthetic?: boolean;
  source: string;
  accuracy_note_zh?: string;
  accuracy_note_en?: string;
}

export interface Hours {
  station: string;
  times: string[];
  series: { parameter: string; name_zh: string; name_en?: string; unit: string; values: (number | null)[]; flags: (string | null)[] }[];
  synthetic?: boolean;
}
export interface MonthDays { month: string; days: DayJudgement[]; synthetic?: boolean }

export interface Figure {
  id: string;
  period: string;
  city: string;
  name_zh: string;
  name_en: string;
  value: string | null;
  unit: string;
  /** A unit that is a Chinese word (位, 天) may have an English twin. */
  unit_en?: string | null;
  class: 'C' | 'M' | 'X' | 'D';
  text_zh: string;
  text_en: string;
  rows: number;
  definition_version: string | number;
  comparison: string | null;
  previous: string | null;
  direction: Direction;
  as_of: string | null;
  synthetic?: boolean;
  note_zh?: string | null;
  note_en?: string | null;
  check?: { other: string; text_zh: string; text_en: string } | null;
}
export interface FigureList { period: string; position: string | null; items: Figure[]; synthetic?: boolean }
export interface FigureDetail extends Figure {
  definition_zh: string;
  definition_en: string;
  sql: string | null;
  rounding: string | null;
  source: string | null;
  norms: { id: string; title_zh: string; title_en?: string; confidence: Confidence }[];
  evidence?: { issuer: string; document: string; date: string; source_text: string } | null;
  history: { period: string; value: string | null }[];
}
export type RowValue = string | number | boolean | null;
export interface FigureRows {
  columns: { key: string; name_zh: string; name_en: string }[];
  rows: Record<string, RowValue>[];
  total: number;
  next: string | null;
  geo: { station: string; lon: number; lat: number; name_zh: string; name_en?: string; value: RowValue }[];
  synthetic?: boolean;
}

export type Segment =
  | { text_zh: string; text_en: string; figure?: undefined }
  | { figure: string; text_zh: string; text_en: string; direction?: Direction };
export interface Summary {
  title_zh: string;
  title_en: string;
  paragraphs: { segments: Segment[] }[];
  synthetic?: boolean;
  position: string | null;
}

export interface NormEntry {
  id: string;
  title_zh: string;
  title_en: string;
  kind: string;
  from: string | null;
  to: string | null;
  confidence: Confidence;
  source: string;
  files: string[];
  notes: string[];
}
export interface Norms { hash: string; items: NormEntry[] }

export interface StartState { kind: 'demo' | 'real'; steps: { id: 'station' | 'observation' | 'figure'; done: boolean; count?: number }[] }
export interface Finding {
  code: string;
  severity: string;
  file: string | null;
  line: number | null;
  field: string | null;
  value: string | null;
  message_zh: string;
  message_en: string;
  action_zh: string;
  action_en: string;
}
export interface ImportResult {
  table: string;
  rows_read: number;
  rows_new: number;
  rows_equal: number;
  rows_revised: number;
  findings: Finding[];
  findings_total: number;
}
export interface SourceEntry { id: string; name_zh: string; name_en: string; table: string; note_zh: string; note_en?: string }

export interface ProblemBody {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  title_en?: string;
  detail_en?: string;
  instance?: string;
  findings?: Finding[];
}
