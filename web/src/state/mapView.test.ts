import { describe, expect, it } from 'vitest';
import { readMapView, writeMapView, type MapView } from './mapView';

const query = (view: Partial<MapView>): Record<string, string> =>
  Object.fromEntries(Object.entries(writeMapView(view)).filter(([, v]) => v != null && v !== '')) as Record<string, string>;

describe('map view in the address', () => {
  it('comes back as it was written', () => {
    const view: MapView = {
      time: '2022-03-05T15:00', what: 'O3', station: '1286A', tab: 'calendar', layers: ['air-national', 'air-city'],
      opacity: { 'air-city': 0.4 }, levels: [1, 3], extent: { lon: 118.1, lat: 24.48, zoom: 11.5 }, span: 7, month: '2022-02',
      year: 2021, parameter: 'NO2', search: '鼓浪屿', panel: false, legend: true, table: true,
    };
    expect(readMapView(query(view))).toEqual(view);
  });

  it('keeps a plain view out of the address', () => {
    expect(query({ ...readMapView({}) })).toEqual({});
  });

  it('tells no layers from default layers', () => {
    expect(readMapView(query({ layers: [] })).layers).toEqual([]);
    expect(readMapView({}).layers).toBeNull();
  });

  it('drops what cannot be meant', () => {
    const view = readMapView({ t: '2022-99-01T00:00', x: '999', y: 'a', z: '4', lv: '9,2,x', op: 'a:7,b:0.5', w: '30', yr: 'x' });
    expect(view).toMatchObject({ time: null, extent: null, levels: [2], opacity: { b: 0.5 }, span: 3, year: null });
  });

  it('reads latest', () => expect(readMapView({ t: 'latest' }).time).toBe('latest'));
});
