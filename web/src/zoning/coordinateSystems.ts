// Systems that a person may declare for pasted coordinates. The server knows more, and names those in its candidates.
export interface CoordinateSystem { id: string; word: string }

export const COORDINATE_SYSTEMS: readonly CoordinateSystem[] = [
  { id: 'EPSG:4490', word: 'cgcs' },
  { id: 'EPSG:4527', word: 'zone39' },
  { id: 'EPSG:4548', word: 'cm117' },
  { id: 'EPSG:4528', word: 'zone40' },
  { id: 'EPSG:4549', word: 'cm120' },
  { id: 'EPSG:4326', word: 'wgs' },
  { id: 'GCJ-02', word: 'gcj' },
  { id: 'BD-09', word: 'bd' },
];
/** What sites are in once they are read: longitude and latitude of CGCS2000. */
export const SITE_CRS = 'EPSG:4490';
