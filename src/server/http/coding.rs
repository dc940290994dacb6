//! Content codings of bodies: gzip, both forms of deflate, and Brotli. The input must be complete and bounded; the
//! output must not use more memory than its limit.

use std::io::Read;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_ENCODING;
use brotli_decompressor::Decompressor;
use flate2::bufread::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

/// The supported codings, as the value of `Accept-Encoding`.
pub(crate) const ACCEPTED: &str = "gzip, deflate, br, identity";

/// Bytes decoded at a time.
const CHUNK_BYTES: usize = 16 << 10;
/// Input bytes that the Brotli decoder takes at a time.
const BROTLI_INPUT_BYTES: usize = 4 << 10;

/// The coding of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub(super) enum Coding {
    Identity,
    Gzip,
    Deflate,
    #[strum(serialize = "br")]
    Brotli,
}

/// Why a body cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CodingError {
    /// The coding is unknown, or there are several.
    Unsupported(String),
    /// The decoded bytes are longer than the limit.
    TooLarge,
    /// The input is cut off or does not have the form that its header names.
    Broken(Coding),
}

impl Coding {
    /// The coding that the headers name.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, CodingError> {
        let mut found = Self::Identity;
        let lines = headers.get_all(CONTENT_ENCODING).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
        let named: Vec<String> = lines
            .flat_map(|line| line.split(',').map(|word| word.trim().to_ascii_lowercase()).collect::<Vec<_>>())
            .collect();
        for word in named.iter().filter(|word| !word.is_empty()) {
            let coding = match word.as_str() {
                "identity" => continue,
                "gzip" | "x-gzip" => Self::Gzip,
                "deflate" => Self::Deflate,
                "br" => Self::Brotli,
                _ => return Err(CodingError::Unsupported(word.clone())),
            };
            if found != Self::Identity {
                return Err(CodingError::Unsupported(named.join(", ")));
            }
            found = coding;
        }
        Ok(found)
    }

    /// Its name in a header.
    pub(super) const fn name(self) -> &'static str {
        self.into_str()
    }

    /// The decoded bytes, if there are no more than `bytes_max`.
    pub(super) fn decode(self, bytes: &[u8], bytes_max: usize) -> Result<Vec<u8>, CodingError> {
        match self {
            Self::Identity if bytes.len() > bytes_max => Err(CodingError::TooLarge),
            Self::Identity => Ok(bytes.to_vec()),
            Self::Gzip => self.read(MultiGzDecoder::new(bytes), bytes_max),
            Self::Brotli => self.read(Decompressor::new(bytes, BROTLI_INPUT_BYTES), bytes_max),
            // RFC 9110 means zlib's form; some clients send the bare deflate stream, which may look like zlib by
            // chance.
            Self::Deflate if is_zlib(bytes) => match self.inflate(bytes, true, bytes_max) {
                Err(CodingError::Broken(_)) => self.inflate(bytes, false, bytes_max),
                decoded => decoded,
            },
            Self::Deflate => self.inflate(bytes, false, bytes_max),
        }
    }

    fn read(self, mut decoder: impl Read, bytes_max: usize) -> Result<Vec<u8>, CodingError> {
        let (mut out, mut chunk) = (Vec::new(), [0; CHUNK_BYTES]);
        loop {
            match decoder.read(&mut chunk) {
                Ok(0) => return Ok(out),
                Ok(fresh) => push(&mut out, &chunk[..fresh], bytes_max)?,
                Err(_) => return Err(CodingError::Broken(self)),
            }
        }
    }

    /// Does not use flate2's readers, which accept a truncated stream as complete.
    fn inflate(self, bytes: &[u8], has_zlib_header: bool, bytes_max: usize) -> Result<Vec<u8>, CodingError> {
        let broken = CodingError::Broken(self);
        let mut state = Decompress::new(has_zlib_header);
        let (mut out, mut chunk, mut rest) = (Vec::new(), [0; CHUNK_BYTES], bytes);
        loop {
            let (read, written) = (state.total_in(), state.total_out());
            let status = state.decompress(rest, &mut chunk, FlushDecompress::None).map_err(|_| broken.clone())?;
            let read = (state.total_in() - read) as usize;
            let fresh = (state.total_out() - written) as usize;
            rest = &rest[read..];
            push(&mut out, &chunk[..fresh], bytes_max)?;
            match status {
                Status::StreamEnd if rest.is_empty() => return Ok(out),
                Status::StreamEnd => return Err(broken),
                Status::Ok | Status::BufError if read == 0 && fresh == 0 => return Err(broken),
                Status::Ok | Status::BufError => {}
            }
        }
    }
}

fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, ..] if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0)
}

fn push(out: &mut Vec<u8>, fresh: &[u8], bytes_max: usize) -> Result<(), CodingError> {
    let whole = out.len() + fresh.len();
    if whole > bytes_max {
        return Err(CodingError::TooLarge);
    }
    if whole > out.capacity() {
        // Doubles the buffer, up to the limit.
        let room = (2 * out.capacity()).max(whole).min(bytes_max);
        out.reserve_exact(room - out.len());
    }
    out.extend_from_slice(fresh);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use std::io::Write as _;

    const MAX: usize = 1 << 20;
    /// `hello hello hello hello`, in Brotli.
    const BROTLI: [u8; 20] = [
        0x1b, 0x16, 0x00, 0xf8, 0x8d, 0x94, 0x6e, 0xde, 0x44, 0x55, 0x86, 0x96, 0x6c, 0x20, 0x6f, 0x21, 0x4f, 0x1c,
        0xe0, 0x38,
    ];

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("a vector takes all");
        encoder.finish().expect("a vector takes all")
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("a vector takes all");
        encoder.finish().expect("a vector takes all")
    }

    fn raw(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("a vector takes all");
        encoder.finish().expect("a vector takes all")
    }

    fn of(values: &[&'static str]) -> Result<Coding, CodingError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(value));
        }
        Coding::of(&headers)
    }

    #[test]
    fn every_coding_decodes_to_the_original() {
        for text in [b"".as_slice(), b"{}", &b"x".repeat(MAX), &b"\x00\xff{}".repeat(1_000)] {
            assert_eq!(Coding::Gzip.decode(&gzip(text), MAX).as_deref(), Ok(text));
            assert_eq!(Coding::Deflate.decode(&zlib(text), MAX).as_deref(), Ok(text));
            assert_eq!(Coding::Deflate.decode(&raw(text), MAX).as_deref(), Ok(text));
            assert_eq!(Coding::Identity.decode(text, MAX).as_deref(), Ok(text));
        }
        assert_eq!(Coding::Brotli.decode(&BROTLI, MAX).as_deref(), Ok(b"hello hello hello hello".as_slice()));
    }

    #[test]
    fn truncated_changed_or_extended_input_is_broken() {
        let text = b"some text that is long enough to be worth it, it, it, it, it".as_slice();
        for (coding, whole) in [
            (Coding::Gzip, gzip(text)),
            (Coding::Deflate, zlib(text)),
            (Coding::Deflate, raw(text)),
            (Coding::Brotli, BROTLI.to_vec()),
        ] {
            for length in 1..whole.len() {
                assert_eq!(
                    coding.decode(&whole[..length], MAX),
                    Err(CodingError::Broken(coding)),
                    "{length} of {whole:?}"
                );
            }
            if coding != Coding::Brotli {
                let more = [whole.as_slice(), b"more"].concat();
                assert_eq!(coding.decode(&more, MAX), Err(CodingError::Broken(coding)));
            }
        }
        let mut changed = gzip(text);
        let last = changed.len() - 6;
        changed[last] ^= 1;
        assert_eq!(
            Coding::Gzip.decode(&changed, MAX),
            Err(CodingError::Broken(Coding::Gzip)),
            "its checksum is another"
        );
        for garbage in [b"{}".as_slice(), b"\xff\xff\xff\xff", b"\x1f\x8b"] {
            for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli] {
                assert_eq!(coding.decode(garbage, MAX), Err(CodingError::Broken(coding)), "{garbage:?}");
            }
        }
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let zeros = vec![0; 64 << 20];
        for (coding, bomb) in
            [(Coding::Gzip, gzip(&zeros)), (Coding::Deflate, zlib(&zeros)), (Coding::Deflate, raw(&zeros))]
        {
            assert!(bomb.len() < 100_000);
            assert_eq!(coding.decode(&bomb, MAX), Err(CodingError::TooLarge));
        }
        let exact = gzip(&zeros[..MAX]);
        let decoded = Coding::Gzip.decode(&exact, MAX).expect("it is not too long");
        assert!(decoded.len() == MAX && decoded.capacity() == MAX, "{} bytes are reserved", decoded.capacity());
        assert_eq!(Coding::Gzip.decode(&gzip(&zeros[..=MAX]), MAX), Err(CodingError::TooLarge));
    }

    #[test]
    fn a_coding_that_is_not_known_is_named_and_two_are_too_many() {
        assert_eq!(of(&[]), Ok(Coding::Identity));
        assert_eq!(of(&["identity"]), Ok(Coding::Identity));
        assert_eq!(of(&["GZip"]), Ok(Coding::Gzip));
        assert_eq!(of(&["x-gzip"]), Ok(Coding::Gzip));
        assert_eq!(of(&["identity, br"]), Ok(Coding::Brotli));
        assert_eq!(of(&["deflate", "identity"]), Ok(Coding::Deflate));
        assert_eq!(of(&["zstd"]), Err(CodingError::Unsupported("zstd".to_owned())));
        assert_eq!(of(&["gzip", "gzip"]), Err(CodingError::Unsupported("gzip, gzip".to_owned())));
        assert_eq!(of(&["br, gzip"]), Err(CodingError::Unsupported("br, gzip".to_owned())));
    }
}
