// The shapes of the zoning part of the HTTP API. Lengths are metres, areas square metres, shares 0 to 1, days YYYY-MM-DD.
import type { Finding } from './types';

export interface Marked { synthetic?: boolean; notice_zh?: string | null; notice_en?: string | null }

export type Verdict = 'PROHIBITED' | 'NEEDS_INFORMATION' | 'RESTRICTED_UNMET' | 'NEEDS_JUDGEMENT' | 'ALLOWED_WITH_CONDITIONS' | 'ALLOWED';
export type Box = [number, number, number, number];
export type Position = [number, number];
export type SiteGeometry =
  | { type: 'Point'; coordinates: Position }
  | { type: 'LineString'; coordinates: Position[] }
  | { type: 'Polygon'; coordinates: Position[][] }
  | { type: 'MultiPolygon'; coordinates: Position[][][] };

export interface Edition {
  id: string; title_zh: string; title_en: string; from: string; to: string | null; hash: string; state: string; synthetic: boolean;
  counts: { units: number; layers: number; conditions: number; clauses: number; industries: number };
}
export interface EditionList extends Marked { current: string | null; items: Edition[]; /** True when this server keeps cases. */ cases?: boolean; }

export interface LayerStyle { fill: string; stroke: string; hatch: string | null; confidence?: string }
export interface UnitClass { class: string; name_zh: string; name_en: string; fill: string; stroke: string; hatch?: string | null }
export interface ZoneLayer {
  key: string; title_zh: string; title_en: string; kind: 'area' | 'line' | 'point'; features: number; complete: boolean; accuracy_m: number | null;
  touch_counts?: boolean; source: string | null; protected?: boolean; style: LayerStyle; classes?: UnitClass[];
  /** Whether tiles of `coverage:KEY` show where the layer was surveyed. */
  coverage_tiles?: boolean;
}
export interface ZoneGroup { id: string; name_zh: string; name_en: string; layers: ZoneLayer[] }
export interface ZoneLayers extends Marked { groups: ZoneGroup[] }

export interface ZoneHit { kind: 'unit' | 'feature' | 'layer'; layer: string; id: string; name: string; extent: Box | null }
export interface UnitDimension { id: string; name_zh: string; name_en: string; text: string }
export interface UnitDetail extends Marked {
  code: string; name: string; class: string; class_name_zh: string; class_name_en: string; district: string | null;
  area_plane_m2: number; area_ellipsoid_m2: number; extent: Box; dimensions: UnitDimension[];
  ledger: { pollutant: string; year: number; remaining: number | string; unit: string; as_of: string }[];
  status: { fact: string; value: unknown; as_of: string }[]; conditions: number;
}
export interface UnitCondition {
  id: string; industry_prefix: string | null; process: string | null; kind: string | null; effect: string; say: string; cite: string; file: string; line: number;
}
export interface Identified extends Marked {
  units: { code: string; name: string; class: string }[];
  layers: { key: string; title_zh: string; title_en: string; features: { id: string; name: string }[] }[];
}

export type FactValue = boolean | number | string | unknown[] | Record<string, unknown>;
export type FactType = 'bool' | 'number' | 'enum' | 'industry' | 'date' | 'text' | 'list' | 'records';
export interface FactOption { value: string; zh: string; en: string }
export interface Fact {
  name: string; type: FactType; unit: string | null; question_zh: string; question_en: string; who_zh?: string | null; evidence_zh?: string | null;
  options?: FactOption[] | null; fields?: Fact[] | null;
}
export interface FactGroup { id: string; name_zh: string; name_en: string; facts: Fact[] }
export interface FactDictionary extends Marked { groups: FactGroup[] }
export interface Industry { code: string; name: string; path: string | string[] }

export interface CrsCandidate { crs: string; name_zh: string; name_en?: string; inside_city: boolean }
/** `fault`: why it cannot be used as it is; `repaired`: what was mended, as agreed. */
export interface ReadShape {
  geometry: SiteGeometry | null; label: string | null; vertices: number;
  fault_zh?: string | null; fault_en?: string | null; repairable?: boolean; repaired_zh?: string | null; repaired_en?: string | null;
}
export interface Reading extends Marked {
  crs: { declared: string | null; candidates: CrsCandidate[] };
  features: ReadShape[];
  findings: Finding[];
}

export interface ScreenBody {
  edition?: string; as_of?: string; crs?: string; geometry: GivenGeometry; outfall?: GivenGeometry; facts: Record<string, FactValue>;
  /** Metres that a line takes in all; for lines only. */
  corridor_m?: number;
}
export interface MetUnit { code: string; name: string; class: string; class_name_zh: string; class_name_en: string; size: number; share: number; sliver: boolean }
export interface MetLayer {
  key: string; title_zh: string; title_en: string; coverage: string; meeting: string | null; inside: boolean | null; area_m2: number | null; length_m: number | null;
  share: number | null; distance_m: number | null; accuracy_m: number | null; features: { id: string; name: string; area_m2?: number | null }[];
}
export interface Cite { doc: string; clause: string | null; text: string | null; state: string; successor: string | null; verified: boolean }
export interface RuleOutcome {
  id: string; title: string; dimension: string; rank: string; effect: string; outcome: string; deciding: boolean; cite: Cite; conf: string;
  says: { text: string; state: string }[]; question: string | null; missing: string[]; at: { file: string; line: number } | null;
}
export interface Question { fact: string; question_zh: string; question_en: string; who_zh?: string | null; kind: 'fact' | 'layer' | 'judge' | 'crs' | 'edition' }
export interface NearestChange { kind: 'move' | 'offset' | 'drop' | 'change'; text_zh: string; text_en: string; verdict: Verdict }
/** Area assessment (区域评估 “一本制”): what was assessed once for the area. */
export interface AreaAssessment { layer: string; id: string; name: string; from: string | null; to: string | null; valid: boolean; exempt: string[]; studies: string[] }
export interface Answer extends Marked {
  edition: { id: string; title_zh: string; title_en: string; hash: string }; as_of: string; engine: string;
  verdict: Verdict; verdict_zh: string; verdict_en: string; sentence_zh: string; sentence_en: string; best: Verdict; worst: Verdict;
  tolerance: { minus: Verdict; zero: Verdict; plus: Verdict; survey_needed: boolean } | null;
  geometry: { kind: string; area_plane_m2: number | null; area_ellipsoid_m2: number | null; length_m: number | null; crs: string };
  units: MetUnit[]; tiled: boolean; layers: MetLayer[]; assessments?: AreaAssessment[]; rules: RuleOutcome[]; not_applicable: number;
  questions: Question[]; missing: string[]; nearest: NearestChange[]; nearest_none: boolean;
}
export interface TraceNode { text: string; value: unknown; source?: string | null; children?: TraceNode[] | null }
export interface Traces { rules: { id: string; tree: TraceNode }[] }
export interface CaseMade { id: string; number: string; answer: Answer }
export interface CaseRow {
  id: string; number: string; title: string; edition: string; as_of: string; verdict: Verdict; verdict_zh?: string; verdict_en?: string; units: string[];
  valid_until: string | null; valid: boolean; at: string; by: string; by_name: string | null;
}
export interface Judgement {
  id: string; key: string | null; official: string; authority: string; value: string; reason: string; at: string; by: string; revoked_at: string | null;
}
/** A shape as somebody gave it to the interface: in the system of the case. */
export type GivenGeometry = SiteGeometry | { wkt: string };
export interface CaseRequest {
  title: string; edition?: string | null; as_of?: string | null; crs?: string | null; geometry: GivenGeometry; outfall?: GivenGeometry | null; facts: Record<string, FactValue>; corridor_m?: number | null;
}
export interface CaseRecord extends CaseRow {
  engine: string; edition_hash: string; answer_hash: string; request: CaseRequest; answer: Answer; judgements: Judgement[];
}
export interface CaseFilter { verdict: string; unit: string; edition: string; q: string; mine: boolean }
export interface Change { what: 'verdict' | 'rule' | 'unit' | 'layer' | 'question' | 'edition'; id: string; title?: string | null; from: unknown; to: unknown }
export interface Replay {
  same: boolean; answer_hash: string; again_hash: string | null; engine: string; engine_now: string; edition: string; reason_zh?: string | null; reason_en?: string | null;
  today: { edition: string; as_of: string; verdict: Verdict; best: Verdict; worst: Verdict } | null; changes: Change[];
}
export interface NewJudgement { key: string | null; value: string; reason: string; authority: string }

/** A yearly evaluation (跟踪评价) of a unit: what was found, by name. */
export interface NewFollowUp { unit: string; year: number; indicators: Record<string, unknown> }
export interface FollowUp extends NewFollowUp { unit_name: string | null; revision: number; at: string; by: string; by_name: string | null }
export interface FollowUpFilter { year: string; unit: string }

export type ObjectionState = 'filed' | 'accepted' | 'rejected' | 'corrected';
export interface NewObjection { edition: string; layer: string; feature: string; text: string; contact?: string }
export interface Objection extends NewObjection { feature_name?: string | null; id: string; at: string; by: string; state: ObjectionState; reason: string; state_at: string | null; state_by: string | null }

export type EditionState = 'draft' | 'checked' | 'published' | 'withdrawn';
export interface EditionStep { step: number; state: EditionState; from: string; to: string | null; at: string; by: string; reason: string; hash: string; impact: string | null }

export interface Comparison extends Marked {
  units: { kind: 'same' | 'moved' | 'split' | 'merged' | 'new' | 'gone'; from: string[]; to: string[]; area_m2: number }[];
  clauses: { id: string; kind: 'added' | 'removed' | 'changed'; from_text: string | null; to_text: string | null }[];
  layers: { key: string; from_area_m2: number | null; to_area_m2: number | null }[];
}
