//! How a range of seeds is written on the command line. Must not forecast.

use crate::outcome::words::count;
use crate::outcome::{SEEDS_MAX, SeedSpan};

/// Parses `1..20`: the first seed and the last, both included.
pub(crate) fn span(text: &str) -> Result<SeedSpan, String> {
    let Some((first, last)) = text.split_once("..") else {
        let single =
            if text.parse::<u64>().is_ok() { format!("; for one seed there is --seed {text}") } else { String::new() };
        return Err(format!("not a range: write the first seed and the last, both included, such as 1..20{single}"));
    };
    let seed = |text: &str| {
        let seed = text.trim().parse::<u64>();
        seed.map_err(|_| format!("`{text}` is not a seed: write whole numbers from 0 to {}, such as 1..20", u64::MAX))
    };
    let (first, last) = (seed(first)?, seed(last)?);
    if first > last {
        return Err(format!("the first seed comes after the last: write {last}..{first}"));
    }
    match last - first {
        more if more >= SEEDS_MAX => {
            let end = first + (SEEDS_MAX - 1);
            Err(format!("more than {} seeds: write {first}..{end}, and the rest another time", count(SEEDS_MAX)))
        }
        _ => Ok(SeedSpan { first, last }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_includes_both_ends() {
        assert_eq!(span("1..20"), Ok(SeedSpan { first: 1, last: 20 }));
        assert_eq!(span("7..7"), Ok(SeedSpan { first: 7, last: 7 }));
        assert_eq!(span("1..10000"), Ok(SeedSpan { first: 1, last: SEEDS_MAX }));
        let most = u64::MAX;
        assert_eq!(span(&format!("{}..{most}", most - 9)), Ok(SeedSpan { first: most - 9, last: most }));
    }

    #[test]
    fn says_what_to_write_instead() {
        for (text, words) in [
            ("5..1", "write 1..5"),
            ("3", "there is --seed 3"),
            ("x", "such as 1..20"),
            ("x..3", "`x` is not a seed"),
            ("1..", "`` is not a seed"),
            ("1..=5", "`=5` is not a seed"),
            ("-1..5", "`-1` is not a seed"),
            ("1..99999999999999999999", "from 0 to 18446744073709551615"),
            ("1..10001", "more than 10,000 seeds: write 1..10000"),
            ("0..18446744073709551615", "write 0..9999"),
        ] {
            let said = span(text).expect_err(text);
            assert!(said.contains(words), "{text}: {said}");
        }
    }
}
