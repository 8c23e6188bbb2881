// What the pages know of a map. Nothing outside this folder imports OpenLayers, so that another
// renderer can stand behind the same words.
import type { BaseMap, StationKind } from '../api/types';

export type SymbolKind = StationKind | 'point';

export interface Mark {
  id: string;
  lon: number;
  lat: number;
  kind: SymbolKind;
  name: string;
  /** Text inside the symbol. */
  text: string;
  /** Official colour; null draws the "no data" symbol. */
  color: string | null;
  ink: string;
  simulated: boolean;
  opacity: number;
  selected: boolean;
}

export interface Extent { lon: number; lat: number; zoom: number }
/** Pixels at each edge that panels cover. */
export interface Inset { top: number; right: number; bottom: number; left: number }

export interface CityMap {
  setBase(base: BaseMap, lang: 'zh-CN' | 'en'): void;
  setMarks(marks: Mark[]): void;
  setExtent(extent: Extent): void;
  extent(): Extent | null;
  fitCity(inset: Inset): void;
  fitMarks(): void;
  zoomBy(step: number): void;
  /** Moves the least distance that brings a mark out from under panels. */
  reveal(lon: number, lat: number, inset: Inset): void;
  onPick(handler: (id: string | null) => void): void;
  onMove(handler: (extent: Extent) => void): void;
  onHover(handler: (id: string | null, pixel: [number, number]) => void): void;
  resize(): void;
  destroy(): void;
}
