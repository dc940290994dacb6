//! Decodes the query of a request, which must be UTF-8 once percent-decoded. Must not know any option.

use percent_encoding::percent_decode_str;

/// The query is not UTF-8; decoding it lossily would mean guessing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the query string is not UTF-8 behind its percent signs")]
pub(crate) struct NotUtf8;

/// Checks that the query is UTF-8. `&` and `=` are ASCII, so no character spans them.
pub(crate) fn utf8(query: &str) -> Result<(), NotUtf8> {
    percent_decode_str(query).decode_utf8().map(drop).map_err(|_| NotUtf8)
}

/// The options of a query, in order.
pub(crate) fn pairs<Pairs: FromIterator<(String, String)>>(query: &str) -> Result<Pairs, NotUtf8> {
    utf8(query)?;
    Ok(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_is_cut_in_two_is_refused() {
        let read = pairs::<Vec<_>>;
        let name = ("$filter".to_owned(), "a é+".to_owned());
        assert_eq!(read("$filter=a+%C3%A9%2B"), Ok(vec![name]));
        for wrong in ["a=%C3", "a=%FF&b=1", "%80=1", "a=%C3&b=%A9", "a=%ED%A0%80", "a=%C0%AF"] {
            assert_eq!(read(wrong), Err(NotUtf8), "{wrong}");
        }
        assert_eq!(read("a=%zz").map(|pairs| pairs.len()), Ok(1), "what is no escape is text");
    }
}
