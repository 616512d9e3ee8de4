//! Pictures: their size, and a small form of them. What cannot be decoded is no picture.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// The longest side of a thumbnail, in pixels.
const THUMBNAIL_PIXELS: u32 = 480;
/// The longest side of a picture that is decoded.
const SIDE_MAX_PIXELS: u32 = 12_000;
/// The most memory a decoder, and a decoded picture, may take.
const ALLOC_MAX_BYTES: u64 = 256 * 1024 * 1024;
const JPEG_QUALITY: u8 = 82;

/// What was found out about a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// As shown, with its orientation applied.
    pub width: u32,
    pub height: u32,
    /// A smaller form as JPEG or PNG; absent where the picture is small itself.
    pub thumbnail: Option<Vec<u8>>,
}

/// Decodes a picture within bounds; `None` when it is broken or too large. Takes long: call it
/// off the event loop.
pub fn look(bytes: &[u8], mime: &str) -> Option<Picture> {
    let format = ImageFormat::from_mime_type(mime)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX_PIXELS);
    limits.max_image_height = Some(SIDE_MAX_PIXELS);
    limits.max_alloc = Some(ALLOC_MAX_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    // The decoders bound what they take themselves, and not what they fill.
    if decoder.total_bytes() > ALLOC_MAX_BYTES {
        return None;
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let (width, height) = decoder.dimensions();
    let small = width.max(height) <= THUMBNAIL_PIXELS;
    let image = DynamicImage::from_decoder(decoder).ok()?;
    if small {
        let turned = turns_on_its_side(orientation);
        let (width, height) = if turned { (height, width) } else { (width, height) };
        return Some(Picture { width, height, thumbnail: None });
    }
    // Shrunk first: turning a small picture is cheaper.
    let mut thumbnail = image.thumbnail(THUMBNAIL_PIXELS, THUMBNAIL_PIXELS);
    drop(image);
    thumbnail.apply_orientation(orientation);
    let turned = turns_on_its_side(orientation);
    let (width, height) = if turned { (height, width) } else { (width, height) };
    Some(Picture { width, height, thumbnail: encode(thumbnail) })
}

fn turns_on_its_side(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

fn encode(image: DynamicImage) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    if image.color().has_alpha() {
        image.to_rgba8().write_to(&mut Cursor::new(&mut out), ImageFormat::Png).ok()?;
    } else {
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY);
        image.to_rgb8().write_with_encoder(encoder).ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
        let mut out = Vec::new();
        image.into().write_to(&mut Cursor::new(&mut out), ImageFormat::Png).unwrap();
        out
    }

    #[test]
    fn a_large_picture_gets_a_small_one_in_proportion() {
        let picture =
            look(&png(RgbImage::from_pixel(960, 480, Rgb([9, 90, 200]))), "image/png").unwrap();
        assert_eq!((picture.width, picture.height), (960, 480));
        let small = image::load_from_memory(&picture.thumbnail.unwrap()).unwrap();
        assert_eq!((small.width(), small.height()), (480, 240));
    }

    #[test]
    fn what_is_transparent_stays_so() {
        let picture =
            look(&png(RgbaImage::from_pixel(600, 600, Rgba([0, 0, 0, 0]))), "image/png").unwrap();
        let small = image::load_from_memory(&picture.thumbnail.unwrap()).unwrap();
        assert_eq!(small.to_rgba8().get_pixel(5, 5).0[3], 0);
    }

    #[test]
    fn a_small_picture_is_its_own_thumbnail() {
        let picture = look(&png(RgbImage::new(20, 10)), "image/png").unwrap();
        assert_eq!(picture, Picture { width: 20, height: 10, thumbnail: None });
    }

    #[test]
    fn a_broken_or_boundless_picture_is_none() {
        let whole = png(RgbImage::new(600, 600));
        assert_eq!(look(&whole[..whole.len() / 2], "image/png"), None);
        assert_eq!(look(b"\x89PNG\r\n\x1a\n", "image/png"), None);
        assert_eq!(look(&whole, "image/avif"), None);
        let mut bomb = whole.clone();
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        assert_eq!(look(&bomb, "image/png"), None);
        for side in [16..20, 20..24] {
            bomb[side].copy_from_slice(&SIDE_MAX_PIXELS.to_be_bytes());
        }
        assert_eq!(look(&bomb, "image/png"), None);
    }
}
