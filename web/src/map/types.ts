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

/** What every map of the city can do. */
export interface BaseControls {
  setBase(base: BaseMap, lang: 'zh-CN' | 'en'): void;
  setExtent(extent: Extent): void;
  extent(): Extent | null;
  fitCity(inset: Inset): void;
  zoomBy(step: number): void;
  onMove(handler: (extent: Extent) => void): void;
  resize(): void;
  destroy(): void;
}

export interface CityMap extends BaseControls {
  setMarks(marks: Mark[]): void;
  fitMarks(): void;
  /** Moves the least distance that brings a mark out from under panels. */
  reveal(lon: number, lat: number, inset: Inset): void;
  onPick(handler: (id: string | null) => void): void;
  onHover(handler: (id: string | null, pixel: [number, number]) => void): void;
}

/** How the areas of a layer look. Colours come from the server's style table, never from the page. */
export interface ZonePaint { fill: string; stroke: string; hatch: string | null }
export interface ZoneTiles {
  key: string;
  /** Address with {z}, {x} and {y} left open. */
  url: string;
  kind: 'area' | 'line' | 'point';
  opacity: number;
  paint: ZonePaint;
  /** Paint by the property `class`, for units. */
  classes: Record<string, ZonePaint>;
}
export type DrawKind = 'Point' | 'LineString' | 'Polygon';
export type Edges = [west: number, south: number, east: number, north: number];

/** A site, the one that it is compared with, and where its waste water goes. */
export type SiteLook = 'site' | 'other' | 'outfall';
export interface SiteMark { geometry: object; label: string; look: SiteLook }

/** The map of zoning: tiles of layers that are on, sites, and a pen. */
export interface ZoningMap extends BaseControls {
  setTiles(tiles: ZoneTiles[]): void;
  /** GeoJSON geometries in longitude and latitude. */
  setSites(sites: SiteMark[]): void;
  /** A place that was asked about; null takes the pin away. */
  setPin(at: [number, number] | null): void;
  /** Draws a frame around a unit or feature that was found. */
  setFrame(edges: Edges | null): void;
  fitEdges(edges: Edges, inset: Inset): void;
  fitSites(inset: Inset): void;
  /** Takes the pen; the drawn geometry comes as GeoJSON in longitude and latitude. */
  draw(kind: DrawKind, done: (geometry: object) => void): void;
  undoDraw(): void;
  stopDraw(): void;
  onPick(handler: (at: [number, number]) => void): void;
  onTileError(handler: (key: string) => void): void;
  /** What the map shows now between the panels; null when the browser cannot. */
  picture(inset: Inset): HTMLCanvasElement | null;
}
