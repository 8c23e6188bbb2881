"""Writes the same three made-up parcels in every format that is read, with GDAL, GeoPandas and ezdxf.

python3 -m venv V && V/bin/pip install geopandas pyogrio ezdxf pyarrow openpyxl && V/bin/python make.py
"""
import os
import zipfile

import ezdxf
import geopandas as gpd
import openpyxl
import shapely
from shapely.geometry import MultiPolygon, Polygon

here = os.path.dirname(os.path.abspath(__file__))
os.chdir(here)

# Made-up parcels in CGCS2000 / 3-degree Gauss-Kruger CM 117E (EPSG:4548), millimetres.
A = Polygon([(612000.123, 2712000.456), (612100.123, 2712010.456), (612110.5, 2712099.001), (611990.25, 2712080.75)])
B = Polygon(
    [(612300, 2712000), (612500.5, 2712000), (612500.5, 2712100.25), (612400, 2712100.25), (612400, 2712200), (612300, 2712200)],
    [[(612320, 2712020), (612320, 2712060.125), (612360.375, 2712060.125), (612360.375, 2712020)]],
)
C = MultiPolygon([
    Polygon([(613000, 2713000), (613100, 2713000), (613050.007, 2713086.603)]),
    Polygon([(613200, 2713000), (613300, 2713000), (613300, 2713100), (613200, 2713100)]),
])
codes = ["ZH35021120001", "ZH35021120002", "ZH35021130001"]
names = ["集美后溪工业集中区", "灌口重点管控单元", "杏林湾一般管控单元"]
classes = [2, 2, 3]
areas = [0.9925, 2.8489, 1.433]
columns = {"管控单元编码": codes, "管控单元名称": names, "管控单元分类": classes, "面积": areas}
table = gpd.GeoDataFrame(columns, geometry=[A, B, C], crs="EPSG:4548")

table.to_file("parcels.gpkg", layer="parcels", driver="GPKG")
table.to_file("parcels.fgb", driver="FlatGeobuf")
table.to_parquet("parcels.parquet", compression="zstd")
table.to_file("parcels.geojson", driver="GeoJSON")
table.to_file("parcels.geojsonl", driver="GeoJSONSeq")

short = table.rename(columns={"管控单元编码": "ZHGKDYBM", "管控单元名称": "ZHGKDYMC", "管控单元分类": "ZHGKDYFL", "面积": "MJ"})
short.to_file("parcels-utf8.shp", encoding="UTF-8")
with zipfile.ZipFile("parcels-utf8.zip", "w", zipfile.ZIP_DEFLATED) as pack:
    for end in ("shp", "shx", "dbf", "prj", "cpg"):
        pack.write(f"parcels-utf8.{end}")
        os.remove(f"parcels-utf8.{end}")

# Names of six characters are cut to five; no .cpg; no language byte.
table.to_file("parcels-gbk.shp", encoding="GBK")
os.remove("parcels-gbk.cpg")
with open("parcels-gbk.dbf", "r+b") as dbf:
    dbf.seek(29)
    dbf.write(b"\0")

# Geographic, as PROJ transforms it, on the grid of 1e-9 degrees.
geographic = table.to_crs("EPSG:4490")
geographic["geometry"] = shapely.transform(geographic.geometry, lambda xy: xy.round(9))
geographic.to_file("parcels-4490.gpkg", layer="parcels", driver="GPKG")

# KML is WGS 84, which is read as CGCS2000. GDAL writes attributes as schema data; hand-written Google style in the KMZ.
geographic.set_crs("EPSG:4326", allow_override=True).to_file("parcels.kml", driver="KML")
def google(shape):
    ring = lambda points: "<LinearRing><coordinates>\n" + "\n".join(f"{x:.9f},{y:.9f},0" for x, y in points) + "\n</coordinates></LinearRing>"
    parts = [
        f"<Polygon><tessellate>1</tessellate><outerBoundaryIs>{ring(part.exterior.coords)}</outerBoundaryIs>"
        + "".join(f"<innerBoundaryIs>{ring(hole.coords)}</innerBoundaryIs>" for hole in part.interiors) + "</Polygon>"
        for part in getattr(shape, "geoms", [shape])
    ]
    return parts[0] if len(parts) == 1 else "<MultiGeometry>" + "".join(parts) + "</MultiGeometry>"
places = ""
for n, shape in enumerate(geographic.geometry):
    data = "".join(f'<Data name="{key}"><value>{columns[key][n]}</value></Data>' for key in columns if key != "管控单元名称")
    places += f"<Placemark>\n<name>{names[n]}</name>\n<styleUrl>#a</styleUrl>\n<ExtendedData>{data}</ExtendedData>\n{google(shape)}\n</Placemark>\n"
text = f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>parcels</name>\n<Style id="a"><IconStyle><Icon><href>files/a.png</href></Icon></IconStyle></Style>\n<Folder><name>示例</name>\n{places}</Folder>\n</Document></kml>\n'
with zipfile.ZipFile("parcels.kmz", "w", zipfile.ZIP_DEFLATED) as pack:
    pack.writestr(zipfile.ZipInfo("doc.kml", (2026, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    pack.writestr(zipfile.ZipInfo("files/a.png", (2026, 1, 1, 0, 0, 0)), b"\x89PNG\r\n\x1a\n")

# Plain tables.
rows = [[*(columns[key][n] for key in columns), shapely.to_wkt(shape, rounding_precision=3)] for n, shape in enumerate(table.geometry)]
with open("parcels.csv", "w", encoding="gb18030", newline="\r\n") as out:
    out.write(",".join([*columns, "wkt"]) + "\n")
    for row in rows:
        out.write(",".join(str(cell) for cell in row[:-1]) + f',"{row[-1]}"\n')
book = openpyxl.Workbook()
book.active.append([*columns, "wkt"])
for row in rows:
    book.active.append(row)
book.save("parcels.xlsx")

# Survey text: X is north, Y is east with its zone.
def rings(shape):
    for part in getattr(shape, "geoms", [shape]):
        yield from (ring.coords for ring in (part.exterior, *part.interiors))

with open("parcels.txt", "w", encoding="gbk", newline="\r\n") as out:
    out.write("[属性描述]\n格式版本号=1.01版本\n数据产生单位=示例\n数据产生日期=2026-1-1\n坐标系=2000国家大地坐标系\n几度分带=3\n投影类型=高斯克吕格\n计量单位=米\n带号=39\n精度=0.001\n转换参数=,,,,,,\n[地块坐标]\n")
    for n, shape in enumerate(table.geometry):
        points = [(number, *xy) for number, ring in enumerate(rings(shape), 1) for xy in ring]
        out.write(f"{len(points)},{shape.area / 1e4:.4f},{codes[n]},{names[n]},面,,工业用地,,@\n")
        for m, (number, x, y) in enumerate(points, 1):
            out.write(f"J{m},{number},{y:.3f},{39_000_000 + x:.3f}\n")

# Drawing: outer rings and holes are all closed polylines; one with an arc, one block reference.
drawing = ezdxf.new("R2010")
space = drawing.modelspace()
for code, shape in zip(codes, table.geometry):
    drawing.layers.add(code)
    for ring in rings(shape):
        space.add_lwpolyline(list(ring)[:-1], close=True, dxfattribs={"layer": code})
space.add_lwpolyline([(0, 0, 0, 0, 1), (200, 0, 0, 0, 1)], close=True, dxfattribs={"layer": "圆"})
drawing.blocks.new("SIGN").add_line((0, 0), (1, 1))
space.add_blockref("SIGN", (10, 10), dxfattribs={"layer": "标志"})
drawing.saveas("parcels.dxf")
