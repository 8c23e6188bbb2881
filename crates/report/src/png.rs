//! Pixels as a PNG file, always the same bytes for the same pixels.

use std::io::Write as _;

use flate2::{Compression, Crc, write::ZlibEncoder};

/// Pixels of a printed metre: a picture 1,800 pixels wide fills the 156 mm of a page.
const PER_METRE: u32 = 11_538;

/// Pixels in red, green and blue, row by row.
pub(crate) struct Pixels {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) bytes: Vec<u8>,
}

impl Pixels {
    /// A white picture.
    pub(crate) fn white(width: u32, height: u32) -> Self {
        Self { width, height, bytes: vec![0xff; width as usize * height as usize * 3] }
    }

    /// Lays a colour over a pixel; a place outside the picture is left alone.
    pub(crate) fn blend(&mut self, x: u32, y: u32, colour: [u8; 3], weight: f64) {
        if x >= self.width || y >= self.height {
            return;
        }
        let at = (y as usize * self.width as usize + x as usize) * 3;
        for (old, new) in self.bytes[at..at + 3].iter_mut().zip(colour) {
            let mixed = f64::from(*old) + (f64::from(new) - f64::from(*old)) * weight.clamp(0.0, 1.0);
            *old = byte(mixed);
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

/// A picture in colour.
pub(crate) fn rgb(pixels: &Pixels) -> Vec<u8> {
    // Each row says what changed since the row above.
    let stride = pixels.width as usize * 3;
    let mut raw = Vec::with_capacity(pixels.bytes.len() + pixels.height as usize);
    let mut above = vec![0; stride];
    for row in pixels.bytes.chunks_exact(stride.max(1)) {
        raw.push(2);
        raw.extend(row.iter().zip(&above).map(|(now, before)| now.wrapping_sub(*before)));
        above.copy_from_slice(row);
    }
    file(pixels.width, pixels.height, 8, 2, &raw)
}

/// A square of black and white cells, each so many pixels wide, with a white edge of four cells.
pub(crate) fn cells(dark: &[bool], side: usize, pixels: usize) -> Vec<u8> {
    let edge = 4;
    let width = (side + 2 * edge) * pixels;
    let mut raw = Vec::with_capacity((width / 8 + 2) * width);
    for y in 0..width {
        raw.push(0);
        let mut bits = vec![0xff_u8; width.div_ceil(8)];
        for x in 0..width {
            let cell = |at: usize| (at / pixels).checked_sub(edge).filter(|cell| *cell < side);
            if let (Some(column), Some(row)) = (cell(x), cell(y))
                && dark.get(row * side + column).copied().unwrap_or(false)
            {
                bits[x / 8] &= !(0x80 >> (x % 8));
            }
        }
        raw.extend(bits);
    }
    let width = u32::try_from(width).unwrap_or(u32::MAX);
    file(width, width, 1, 0, &raw)
}

fn file(width: u32, height: u32, depth: u8, kind: u8, raw: &[u8]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = Vec::with_capacity(13);
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([depth, kind, 0, 0, 0]);
    chunk(*b"IHDR", &head, &mut out);
    let mut physical = PER_METRE.to_be_bytes().repeat(2);
    physical.push(1);
    chunk(*b"pHYs", &physical, &mut out);
    let mut deflated = ZlibEncoder::new(Vec::new(), Compression::new(6));
    // Writing into memory does not fail.
    let _ = deflated.write_all(raw);
    chunk(*b"IDAT", &deflated.finish().unwrap_or_default(), &mut out);
    chunk(*b"IEND", &[], &mut out);
    out
}

fn chunk(name: [u8; 4], data: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    out.extend(length.to_be_bytes());
    let mut sum = Crc::new();
    sum.update(&name);
    sum.update(data);
    out.extend(name);
    out.extend(data);
    out.extend(sum.sum().to_be_bytes());
}
