//! Bytes of an export to text: UTF-8, or UTF-16 with a byte order mark. Anything else is refused with a remedy.

/// Why bytes are not text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotText {
    /// What is wrong.
    pub(crate) message: String,
    /// The remedy.
    pub(crate) help: &'static str,
}

/// The text of these bytes.
///
/// # Errors
/// [`NotText`].
pub(crate) fn decode(bytes: Vec<u8>) -> Result<String, NotText> {
    match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            not_utf8(error.as_bytes(), at)
        }),
    }
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> Result<String, NotText> {
    let broken = || NotText {
        message: "the export begins as UTF-16 and breaks off or is damaged".to_owned(),
        help: "export the list once more, or save it as UTF-8",
    };
    let (units, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(broken());
    }
    char::decode_utf16(units.iter().map(|bytes| unit(*bytes))).collect::<Result<_, _>>().map_err(|_| broken())
}

fn not_utf8(bytes: &[u8], at: usize) -> NotText {
    // Western text in UTF-16 has a zero in every other byte.
    let zeros = bytes.iter().take(256).filter(|byte| **byte == 0).count();
    if zeros > bytes.len().min(256) / 4 {
        return NotText {
            message: "the export is UTF-16 without a byte order mark, or no text".to_owned(),
            help: "save it as UTF-8",
        };
    }
    let byte = bytes.get(at).copied().unwrap_or_default();
    NotText {
        message: format!(
            "the export is not UTF-8: byte {byte:#04X} at {at}, as Latin-1 and Windows-1252 write a letter"
        ),
        help: "save it as UTF-8: `CSV UTF-8` in a spreadsheet, `-Encoding utf8` in PowerShell, or `iconv -f WINDOWS-1252 -t UTF-8`",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_is_read_in_each_encoding(text in any::<String>()) {
            let marked = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
                let units: Vec<u16> = std::iter::once(0xFEFF).chain(text.encode_utf16()).collect();
                units.into_iter().flat_map(unit).collect()
            };
            prop_assert_eq!(decode(text.clone().into_bytes()), Ok(text.clone()));
            prop_assert_eq!(decode(marked(u16::to_le_bytes)), Ok(text.clone()));
            prop_assert_eq!(decode(marked(u16::to_be_bytes)), Ok(text));
        }

        #[test]
        fn any_bytes_are_text_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = decode(bytes);
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_refused_with_a_reason() {
        let said = |bytes: &[u8]| decode(bytes.to_vec()).expect_err("it is no text").message;
        assert!(said(b"Ger\xE4te-ID,OS\n").contains("0xE4 at 3, as Latin-1"));
        assert!(said(b"\xFF\xFEa").contains("breaks off"));
        assert!(said(b"\xFF\xFE\x00\xD8").contains("damaged"));
        assert!(said(b"D\0e\0v\0i\0c\0e\0\xE4\0").contains("without a byte order mark"));
    }
}
