//! Ready-made files, drawn in code: a picture, a sticker, a voice note, a document.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

pub struct Sample {
    pub kind: &'static str,
    pub mime: &'static str,
    pub name: Option<&'static str>,
    pub bytes: Vec<u8>,
}

pub fn make(name: &str) -> Option<Sample> {
    let (kind, mime, name, bytes) = match name {
        "image" => ("image", "image/jpeg", Some("cup.jpg"), picture()?),
        "sticker" => ("sticker", "image/webp", None, sticker()?),
        "voice" => ("voice", "audio/ogg", None, voice()),
        "pdf" => ("document", "application/pdf", Some("Price list.pdf"), pdf()),
        _ => return None,
    };
    Some(Sample { kind, mime, name, bytes })
}

/// How wide a vase is at a height, both between 0 (top) and 1.
fn vase(height: f32) -> f32 {
    let belly = (std::f32::consts::PI * (height - 0.12).clamp(0.0, 1.0) * 0.92).sin();
    let neck = if height < 0.16 { 0.36 + 0.5 * (0.16 - height) } else { 0.0 };
    neck.max(0.26 + 0.62 * belly.powf(1.4))
}

/// Whether a point lies on the vase, and how bright it is there: lit from the left.
fn light(x: f32, y: f32) -> Option<f32> {
    if !(0.0..1.0).contains(&y) {
        return None;
    }
    let side = x / vase(y);
    let ring = if (0.36..0.40).contains(&y) || (0.62..0.64).contains(&y) { -0.14 } else { 0.0 };
    (side.abs() <= 1.0).then(|| 0.92 - 0.42 * ((side + 0.35).abs().powf(1.7)) + ring)
}

fn shade([red, green, blue]: [f32; 3], light: f32) -> [u8; 3] {
    [red, green, blue].map(|part| (part * light).clamp(0.0, 255.0) as u8)
}

const CLAY: [f32; 3] = [226.0, 128.0, 84.0];

/// A vase on a shelf.
fn picture() -> Option<Vec<u8>> {
    const WIDTH: f32 = 960.0;
    const HEIGHT: f32 = 720.0;
    let image = RgbImage::from_fn(WIDTH as u32, HEIGHT as u32, |x, y| {
        let (x, y) = (x as f32 / HEIGHT - WIDTH / HEIGHT / 2.0, y as f32 / HEIGHT);
        if let Some(light) = light(x / 0.27, (y - 0.16) / 0.64) {
            return Rgb(shade(CLAY, light));
        }
        let shadow = ((x - 0.10) / 0.34).powi(2) + ((y - 0.82) / 0.035).powi(2);
        let dim = if shadow < 1.0 { 0.72 + 0.28 * shadow } else { 1.0 };
        let wall = 1.0 - 0.30 * ((x + 0.45).powi(2) + (y - 0.2).powi(2));
        Rgb(match y < 0.76 {
            true => shade([236.0, 226.0, 211.0], wall),
            false => shade([196.0, 160.0, 122.0], dim * (1.04 - 0.25 * (y - 0.76))),
        })
    });
    encode(DynamicImage::ImageRgb8(image), ImageFormat::Jpeg)
}

/// The same vase, cut out.
fn sticker() -> Option<Vec<u8>> {
    const SIDE: f32 = 512.0;
    let image = RgbaImage::from_fn(SIDE as u32, SIDE as u32, |x, y| {
        let (x, y) = (x as f32 / SIDE - 0.5, y as f32 / SIDE);
        let inside = light(x / 0.34, (y - 0.08) / 0.84);
        let edge = light(x / 0.385, (y - 0.05) / 0.90).is_some();
        match (inside, edge) {
            (Some(light), _) => {
                let [red, green, blue] = shade(CLAY, light);
                Rgba([red, green, blue, 255])
            }
            (None, true) => Rgba([255, 255, 255, 255]),
            (None, false) => Rgba([0, 0, 0, 0]),
        }
    });
    encode(DynamicImage::ImageRgba8(image), ImageFormat::WebP)
}

fn encode(image: DynamicImage, format: ImageFormat) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(vec![]);
    image.write_to(&mut bytes, format).ok()?;
    Some(bytes.into_inner())
}

/// Three seconds of silence as Ogg Opus, the form of voice notes.
fn voice() -> Vec<u8> {
    const FRAMES: u64 = 150;
    const FRAME: u64 = 960;
    /// 20 ms of nothing in Opus's CELT mode.
    const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];
    let mut head = b"OpusHead\x01\x01".to_vec();
    head.extend([0x38, 0x01, 0x80, 0xbb, 0, 0, 0, 0, 0]);
    let mut tags = b"OpusTags".to_vec();
    tags.extend(7u32.to_le_bytes());
    tags.extend(b"sandbox");
    tags.extend(0u32.to_le_bytes());
    let mut bytes = vec![];
    page(&mut bytes, 2, 0, 0, &[&head]);
    page(&mut bytes, 0, 0, 1, &[&tags]);
    let frames = vec![&SILENCE[..]; FRAMES as usize];
    page(&mut bytes, 4, FRAMES * FRAME, 2, &frames);
    bytes
}

/// One page of Ogg. Packets here are shorter than 255 bytes.
fn page(bytes: &mut Vec<u8>, flags: u8, position: u64, number: u32, packets: &[&[u8]]) {
    let mut page = b"OggS\0".to_vec();
    page.push(flags);
    page.extend(position.to_le_bytes());
    page.extend(1u32.to_le_bytes());
    page.extend(number.to_le_bytes());
    page.extend(0u32.to_le_bytes());
    page.push(packets.len() as u8);
    page.extend(packets.iter().map(|packet| packet.len() as u8));
    page.extend(packets.iter().copied().flatten());
    let sum = checksum(&page);
    page[22..26].copy_from_slice(&sum.to_le_bytes());
    bytes.extend(page);
}

/// Ogg's CRC: polynomial 0x04c11db7, not reflected.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ (u32::from(*byte) << 24), |sum, _| {
            if sum & 0x8000_0000 == 0 { sum << 1 } else { (sum << 1) ^ 0x04c1_1db7 }
        })
    })
}

/// One page with a few lines.
fn pdf() -> Vec<u8> {
    const LINES: [&str; 4] = ["Kiln & Clay", "Mug 24.00", "Bowl 32.00", "Vase, tall 86.00"];
    let mut text = String::from("BT /F 28 Tf 72 740 Td 40 TL ");
    for line in LINES {
        text.push_str(&format!("({line}) Tj T* "));
    }
    text.push_str("ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (at, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let (from, size) = (file.len(), objects.len() + 1);
    file.push_str(&format!("xref\n0 {size}\n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"));
    file.push_str(&format!("startxref\n{from}\n%%EOF\n"));
    file.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_what_they_say_they_are() {
        for name in ["image", "sticker", "voice", "pdf"] {
            let sample = make(name).unwrap();
            let sniffed = infer::get(&sample.bytes).unwrap().mime_type();
            assert!([sample.mime, "audio/opus"].contains(&sniffed), "{name} is {sniffed}");
        }
        assert!(make("hat").is_none());
    }
}
